#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/pictures/picture_options.h"

namespace velatura::cli {

/// Where the model is that -m names, looked for in this order: a folder or file; the name of a
/// model in one of data_folders(); a name in the models folder (see find_model_by_name); a hub id
/// in Hugging Face's local cache (see parse_hub_id). Empty means $VELATURA_MODEL, else the bundled
/// model of that name.
/// @param models_folder  of a web UI; empty: $VELATURA_MODELS, else none
/// @throws InputError saying where it was looked for
std::filesystem::path locate_model(const std::string& given, const std::string& bundled = "demo",
                                   const std::string& models_folder = "");

/// The model that is asked for: `given`, else $VELATURA_MODEL; empty where both are.
std::string asked_model(const std::string& given);

/// The names of the models in data_folders(), sorted.
std::vector<std::string> bundled_names();

/// Where the VAE is that --vae names: likewise, except that none are bundled. Empty means the file
/// beside the model (see weights::vae_beside), and if there is none, the model's own: empty.
std::filesystem::path locate_vae(const std::string& given, const std::filesystem::path& model,
                                 const std::string& models_folder = "");

/// The options' machine, with the model and the VAE that they name. @throws InputError
ModelOptions located_model(const PictureOptions& options);

}  // namespace velatura::cli
