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
#include "weights/formats/file_kind.h"
#include "weights/layouts/sibling_files.h"
#include "weights/locate/hub_cache.h"
#include "weights/locate/models_folder.h"
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

// What is neither a path nor bundled. @param names  that are suggested beside the folder's
fs::path locate_by_name(const std::string& given, ModelKind kind, std::string models_folder,
                        std::vector<std::string> names) {
  std::string message =
      (kind == ModelKind::vae ? "VAE " : "model ") + given + ": no such file or folder";
  if (given.front() == '/' || given.front() == '.') throw InputError(message);
  if (models_folder.empty()) models_folder = environment("VELATURA_MODELS");
  if (!models_folder.empty()) {
    if (const auto found = find_model_by_name(models_folder, kind, given)) return *found;
    message += ", no model of that name in " + models_folder;
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

}  // namespace velatura::weights
