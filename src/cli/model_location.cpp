#include "cli/model_location.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/data_files.h"
#include "core/environment.h"
#include "core/text.h"
#include "velatura/error.h"
#include "weights/layouts/sibling_files.h"
#include "weights/locate/hub_cache.h"
#include "weights/locate/models_folder.h"
#include "weights/sources/names.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;
using weights::ModelKind;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

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
    if (const auto found = weights::find_model_by_name(models_folder, kind, given)) return *found;
    message += ", no model of that name in " + models_folder;
    for (const auto& model : weights::models_in(models_folder, kind)) {
      names.push_back(model.name);
      names.push_back(fs::path(model.name).stem().string());
    }
  }
  const std::string near = nearest(given, names);
  const auto id = weights::parse_hub_id(given);
  if (id && (near.empty() || weights::is_in_hub_cache(*id))) return weights::find_in_hub_cache(*id);
  if (kind == ModelKind::checkpoint) message += ", and no bundled model of that name";
  throw InputError(message +
                   (near.empty() ? "" : ", did you mean '" + weights::shown(near) + "'?"));
}

}  // namespace

std::vector<std::string> bundled_names() {
  std::vector<std::string> names;
  for (const fs::path& folder : data_folders()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const bool is_folder = is_there(entry.path() / "model_index.json");
      const fs::path extension = entry.path().extension();
      if (is_folder || extension == ".safetensors" || extension == ".ckpt") {
        names.push_back(entry.path().filename().string());
      }
    }
  }
  std::ranges::sort(names);
  return names;
}

std::string asked_model(const std::string& given) {
  return given.empty() ? environment("VELATURA_MODEL") : given;
}

fs::path locate_model(const std::string& given, const std::string& bundled,
                      const std::string& models_folder) {
  const std::string name = asked_model(given);
  if (name.empty()) {
    if (const auto found = find_bundled(bundled)) return *found;
    throw InputError("the bundled model " + bundled +
                     " is not installed: name one with -m or VELATURA_MODEL");
  }
  if (is_there(name)) return name;
  if (const auto found = find_bundled(name)) return *found;
  return locate_by_name(name, ModelKind::checkpoint, models_folder, bundled_names());
}

fs::path locate_vae(const std::string& given, const fs::path& model,
                    const std::string& models_folder) {
  if (given.empty()) return weights::vae_beside(model).value_or("");
  if (is_there(given)) return given;
  return locate_by_name(given, ModelKind::vae, models_folder, {});
}

ModelOptions located_model(const PictureOptions& options) {
  ModelOptions machine = options.machine;
  machine.model = locate_model(options.model, options.bundled, options.models_folder);
  machine.vae = locate_vae(options.vae, machine.model, options.models_folder);
  return machine;
}

}  // namespace velatura::cli
