#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace velatura::weights {

/// What a request says about its model.
struct ModelQuery {
  std::string model = {};          ///< a path or a name; empty: $VELATURA_MODEL, else `bundled`
  std::string vae = {};            ///< likewise; empty: the file beside the model, else its own
  std::string models_folder = {};  ///< of a web UI; empty: $VELATURA_MODELS, else none
  std::string bundled = "demo";    ///< the name of the bundled model that is taken otherwise
};

/// Where the model is, looked for in this order: a folder or file; the name of a model in one of
/// data_folders(); a name in the models folder (see find_model_by_name); a hub id in Hugging Face's
/// local cache (see parse_hub_id). @throws InputError saying where it was looked for
std::filesystem::path locate_model(const ModelQuery& query);

/// Where the VAE is: likewise, except that none are bundled. Where none is asked for, the file
/// beside the model (see vae_beside); empty if there is none.
/// @param model  where the model is
std::filesystem::path locate_vae(const ModelQuery& query, const std::filesystem::path& model);

/// The model that is asked for: `given`, else $VELATURA_MODEL; empty where both are.
std::string asked_model(const std::string& given);

/// The names of the models in data_folders(), sorted.
std::vector<std::string> bundled_names();

}  // namespace velatura::weights
