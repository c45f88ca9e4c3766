#include "weights/locate/model_location.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/data_files.h"
#include "core/environment.h"
#include "core/file_status.h"
#include "core/text.h"
#include "velatura/error.h"
#include "weights/adapters/web_ui_hash.h"
#include "weights/formats/checkpoint.h"
#include "weights/formats/file_hash.h"
#include "weights/formats/file_kind.h"
#include "weights/layouts/sibling_files.h"
#include "weights/locate/hub_cache.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> find_bundled(const std::string& name) {
  if (name.find('/') != std::string::npos) return std::nullopt;
  for (const fs::path& folder : data_folders()) {
    if (is_there(folder / name)) return folder / name;
  }
  return std::nullopt;
}

std::optional<fs::path> find_bundled_adapter(const std::string& name) {
  if (name.find('/') != std::string::npos) return std::nullopt;
  for (const fs::path& folder : data_folders()) {
    for (const char* extension : {"", ".safetensors"}) {
      fs::path file = folder / "demo-adapters" / (name + extension);
      if (is_there(file)) return file;
    }
  }
  return std::nullopt;
}

std::vector<std::string> bundled_adapter_names() {
  std::vector<std::string> names;
  for (const fs::path& folder : data_folders()) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder / "demo-adapters", none)) {
      if (is_folder(entry.path()) || is_checkpoint_name(entry.path()))
        names.push_back(entry.path().stem().string());
    }
  }
  return names;
}

std::string models_folder_or_default(const std::string& given) {
  return given.empty() ? environment("VELATURA_MODELS") : given;
}

// By what training called it, as web UIs do.
std::optional<fs::path> find_by_output_name(const fs::path& folder, const std::string& name) {
  for (const NamedModel& lora : models_in(folder, ModelKind::lora)) {
    try {
      const auto metadata = open_checkpoint(weight_file_of(lora.path)).metadata;
      const auto found = metadata.find("ss_output_name");
      if (found != metadata.end() && found->second == name) return lora.path;
    } catch (const InputError&) {  // of another file, which nobody asked for
    }
  }
  return std::nullopt;
}

// What is neither a path nor bundled. @param names  of bundled ones, to be suggested as well
fs::path locate_by_name(const std::string& given, ModelKind kind, std::string models_folder,
                        std::vector<std::string> names) {
  std::string message = in_words(kind) + " " + given + ": no such file or folder";
  if (given.front() == '/' || given.front() == '.') throw InputError(message);
  models_folder = models_folder_or_default(models_folder);
  if (!models_folder.empty()) {
    if (const auto found = find_model_by_name(models_folder, kind, given)) return *found;
    if (kind == ModelKind::lora) {
      if (const auto found = find_by_output_name(models_folder, given)) return *found;
    }
    message += ", no " + in_words(kind) + " of that name in " + models_folder;
    for (const auto& model : models_in(models_folder, kind)) {
      names.push_back(model.name);
      names.push_back(fs::path(model.name).stem().string());
    }
  }
  const std::string near = nearest(given, names);
  const auto id = parse_hub_id(given);
  if (id && (near.empty() || is_in_hub_cache(*id))) return find_in_hub_cache(*id);
  if (kind == ModelKind::checkpoint) message += ", and no bundled model of that name";
  throw InputError(message + (near.empty() ? "" : ", did you mean '" + shown(near) + "'?"));
}

}  // namespace

std::vector<std::string> bundled_names() {
  std::vector<std::string> names;
  for (const fs::path& folder : data_folders()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      std::string name = entry.path().filename().string();
      if (is_there(entry.path() / "model_index.json") || is_checkpoint_name(name)) {
        names.push_back(std::move(name));
      }
    }
  }
  std::ranges::sort(names);
  return names;
}

std::string asked_model(const std::string& given) {
  return given.empty() ? environment("VELATURA_MODEL") : given;
}

fs::path locate_model(const ModelQuery& query) {
  const std::string name = asked_model(query.model);
  if (name.empty()) {
    if (const auto found = find_bundled(query.bundled)) return *found;
    throw InputError("the bundled model " + query.bundled +
                     " is not installed: name one with -m or VELATURA_MODEL");
  }
  if (is_there(name)) return name;
  if (const auto found = find_bundled(name)) return *found;
  return locate_by_name(name, ModelKind::checkpoint, query.models_folder, bundled_names());
}

fs::path locate_vae(const ModelQuery& query, const fs::path& model) {
  if (query.vae.empty()) return vae_beside(model).value_or("");
  if (is_there(query.vae)) return query.vae;
  return locate_by_name(query.vae, ModelKind::vae, query.models_folder, {});
}

fs::path locate_adapter(const AdapterQuery& query) {
  const std::string name = query.name;
  if (is_there(name)) return name;
  if (const auto found = find_bundled_adapter(name)) return *found;
  return locate_by_name(name, query.kind, query.folder.empty() ? query.models_folder : query.folder,
                        bundled_adapter_names());
}

std::optional<fs::path> find_adapter_by_hash(const AdapterQuery& query, const std::string& sha256) {
  const std::string folder =
      query.folder.empty() ? models_folder_or_default(query.models_folder) : query.folder;
  if (sha256.empty()) return std::nullopt;
  const auto has_it = [&](const NamedModel& model) {
    const fs::path file = weight_file_of(model.path);
    return sha256_file(file).starts_with(sha256) ||
           (query.kind == ModelKind::lora && web_ui_lora_hash(file) == sha256);
  };
  auto bundled = find_bundled_adapter(query.name);
  if (bundled && has_it({query.name, *bundled})) return bundled;
  if (folder.empty()) return std::nullopt;
  auto models = models_in(folder, query.kind);
  // The one of that name is looked at first: hashing all takes its time.
  std::stable_partition(models.begin(), models.end(), [&query](const NamedModel& model) {
    return fs::path(model.name).filename() == fs::path(query.name).filename();
  });
  const auto found = std::ranges::find_if(models, has_it);
  return found == models.end() ? std::nullopt : std::optional(found->path);
}

std::string embeddings_folder(const std::string& own, const std::string& models_folder) {
  if (!own.empty()) return own;
  const std::string models = models_folder_or_default(models_folder);
  if (models.empty()) return "";
  const fs::path place = place_of(models, ModelKind::embedding);
  return place == models ? "" : place.string();
}

fs::path weight_file_of(const fs::path& adapter) {
  if (!is_folder(adapter)) return adapter;
  for (const char* within : {"image_encoder", "depth_estimator"})
    if (is_folder(adapter / within)) return weight_file_of(adapter / within);
  for (const char* stem : {"pytorch_lora_weights", "adapter_model", "diffusion_pytorch_model",
                           "model", "pytorch_model"}) {
    for (const char* extension :
         {".safetensors", ".fp16.safetensors", ".bin", ".safetensors.index.json"}) {
      fs::path file = adapter / (std::string(stem) + extension);
      if (is_there(file)) return file;
    }
  }
  throw InputError(adapter.string() + ": there are no weights in the folder");
}

}  // namespace velatura::weights
