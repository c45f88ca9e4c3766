#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inspection/component_summary.h"
#include "inspection/memory_estimate.h"
#include "inspection/weight_file.h"
#include "weights/layouts/prediction_type.h"

namespace velatura::inspection {

/// What there is to know about a model from its configs and headers.
struct ModelSummary {
  std::filesystem::path path;
  std::string description;
  std::vector<std::string> evidence;  ///< why it is taken for that
  std::string pipeline;
  std::string prediction;
  std::vector<weights::PredictionSignal> prediction_signals;
  std::string scheduler;  ///< the model's own class
  std::string sampler;    ///< ours for it; empty: there is none
  std::int64_t size = 0;  ///< native width and height, pixels; 0: not known without a VAE, or
                          ///< the model does not say
  std::optional<int> max_noise_level;  ///< of upscalers
  std::vector<ComponentSummary> components;
  /// Folder of what imagines the pictures that the model draws, or why there is none; empty: it needs
  /// none.
  std::string prior;
  std::vector<std::string> missing;  ///< "vae" where that must come from another file
  std::optional<PeakMemory> memory;  ///< absent where there is no native size
  std::vector<WeightFile> files;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> warnings;
};

struct Asked {
  weights::OpenOptions weights = {};
  bool hash = false;  ///< work out hashes that are not cached
};

/// A VAE beside a single file (weights::vae_beside) counts as the model's. One without any can be
/// summarised, too.
/// @throws InputError, UsageError as weights::open_model
ModelSummary summarise_model(const std::filesystem::path& path, const Asked& asked);

}  // namespace velatura::inspection
