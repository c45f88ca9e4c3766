#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "weights/model_files.h"

namespace velatura::cli {

struct ComponentSummary {
  std::string name;        ///< "unet", "vae", "text_encoder", "depth_estimator"
  std::string class_name;  ///< diffusers' or transformers' class
  std::int64_t parameters = 0;
  std::map<std::string, std::int64_t> dtypes;  ///< parameters stored in each
};

/// What `velatura info` says about a model.
struct ModelSummary {
  std::filesystem::path path;
  std::string description;
  std::string pipeline;
  std::string prediction;
  std::string scheduler;  ///< the model's own class
  std::string sampler;    ///< ours for it; empty: there is none
  std::int64_t size = 0;  ///< native width and height, pixels; 0: the model does not say
  std::optional<int> max_noise_level;  ///< of upscalers
  std::vector<ComponentSummary> components;
  std::vector<std::filesystem::path> files;  ///< weight files
  std::vector<std::string> warnings;
};

/// Reads configs and headers only. @throws InputError, UsageError as weights::open_model
ModelSummary summarise_model(const std::filesystem::path& path,
                             const weights::OpenOptions& options);

std::string to_text(const ModelSummary& summary);
nlohmann::ordered_json to_json(const ModelSummary& summary);

}  // namespace velatura::cli
