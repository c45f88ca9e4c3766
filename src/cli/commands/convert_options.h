#pragma once

#include <ATen/core/ScalarType.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "conversion/plan_writing.h"

namespace velatura::cli {

using conversion::ModelLayout;

/// What the options of `convert` say.
struct ConvertOptions {
  std::string input;
  std::string output;
  std::optional<ModelLayout> to;  ///< absent: by the output's name
  std::optional<at::ScalarType> dtype;
  std::optional<std::uint64_t> max_shard_size;  ///< bytes
  std::string models_folder;
  std::string vae;
  weights::OpenOptions weights;
  std::optional<Prediction> prediction;
  std::map<std::string, std::string> metadata;
  bool force = false;
  bool json = false;
  bool quiet = false;
  bool no_progress = false;
};

/// Declares them; `options` must outlive the command.
void add_convert_options(CLI::App& command, ConvertOptions& options);

/// The layout asked for, or else that of the output's name.
/// @throws UsageError for options that do not go together
ModelLayout settle_layout(const ConvertOptions& options);

std::string_view name_of(ModelLayout layout);

/// What they ask for. @throws InputError for a model that is nowhere, UsageError
conversion::Conversion located_conversion(const ConvertOptions& options, ModelLayout layout);

/// "5GB", "300MB", "20000000": powers of ten, as diffusers counts. @throws UsageError
std::uint64_t parse_shard_size(const std::string& text);

}  // namespace velatura::cli
