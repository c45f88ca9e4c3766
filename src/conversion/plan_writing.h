#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "velatura/progress.h"
#include "velatura/request.h"
#include "weights/layouts/model_files.h"

namespace velatura::conversion {

/// What a model is written as.
enum class ModelLayout {
  diffusers,    ///< a folder
  original,     ///< a single .safetensors file
  safetensors,  ///< a .safetensors file with the input's own tensors and names
};

/// A model or weight file, and what is to become of it.
struct Conversion {
  std::filesystem::path input;
  std::filesystem::path output;  ///< a single file without a title is named after it
  ModelLayout layout;
  weights::OpenOptions weights = {};
  std::optional<Prediction> prediction = {};         ///< absent: the model's own
  std::optional<at::ScalarType> dtype = {};          ///< absent: as stored
  std::uint64_t max_shard_size = 5'000'000'000;      ///< bytes of a weight file in a folder
  std::map<std::string, std::string> metadata = {};  ///< of a single file, over the model's own
};

/// How a model will be written, known from its configs and headers alone.
struct ModelWriting {
  std::string description;  ///< of the input, for people
  int tensors = 0;
  std::uint64_t bytes = 0;                     ///< of all tensors
  std::map<std::string, std::int64_t> dtypes;  ///< tensors of each
  /// Writes it to a path that is not there yet, and calls back after each tensor.
  std::function<void(const std::filesystem::path&, const std::function<void()>& on_written)> write;
};

/// @param observer  is warned of what the model says unclearly and of what is left out
/// @throws InputError, UsageError
ModelWriting plan_writing(const Conversion& conversion, Observer& observer);

}  // namespace velatura::conversion
