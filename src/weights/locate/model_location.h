#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weights/locate/models_folder.h"

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

/// What a request says about something that goes with its model.
struct AdapterQuery {
  ModelKind kind;
  std::string name;                ///< a path or a name
  std::string folder = {};         ///< of that kind alone; empty: the models folder
  std::string models_folder = {};  ///< as in ModelQuery
};

/// Where it is: a file or folder, the name of a bundled one, a name in the folder (of a LoRA also
/// `ss_output_name` in its metadata), a hub id, in this order.
/// @throws InputError saying where it was looked for
std::filesystem::path locate_adapter(const AdapterQuery& query);

/// Where embeddings are: `own`, else those of the models folder, "" where it has none.
std::string embeddings_folder(const std::string& own, const std::string& models_folder);

/// The one in the folder whose weights have that sha256, or its first digits, or that hash as web UIs
/// write it; nothing if none has.
std::optional<std::filesystem::path> find_adapter_by_hash(const AdapterQuery& query,
                                                          const std::string& sha256);

/// The weights by which an adapter is known: itself, or a folder's. @throws InputError for a folder
/// without any
std::filesystem::path weight_file_of(const std::filesystem::path& adapter);

/// The model that is asked for: `given`, else $VELATURA_MODEL; empty where both are.
std::string asked_model(const std::string& given);

/// The names of the models in data_folders(), sorted.
std::vector<std::string> bundled_names();

}  // namespace velatura::weights
