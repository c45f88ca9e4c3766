#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// A model's prior, which imagines what the model draws.
struct PriorFiles {
  std::optional<ModelFiles> files = {};
  std::string missing = {};  ///< why there is none; empty: the model takes none, or here it is
};

/// Whether models of that class of diffusers' pipelines draw what a prior imagines.
bool takes_prior(std::string_view pipeline_class);

/// The same of a model's folder, as far as its model_index.json can be read.
bool folder_takes_prior(const std::filesystem::path& model);

/// The prior that is given, else the model's own, else the only one among the folders beside the
/// model's that fits; none of these is no error yet.
/// @param given    empty: none  @param variant  as OpenOptions::variant
/// @throws UsageError for one that is given to a model that takes none; InputError for one that does not
///         fit, or cannot be opened
PriorFiles open_prior(const ModelFiles& model, const std::filesystem::path& given,
                      const std::string& variant);

}  // namespace velatura::weights
