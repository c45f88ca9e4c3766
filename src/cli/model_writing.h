#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "cli/commands/convert_options.h"
#include "velatura/progress.h"

namespace velatura::cli {

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
ModelWriting plan_writing(const std::filesystem::path& input, ModelLayout layout,
                          const ConvertOptions& options, Observer& observer);

}  // namespace velatura::cli
