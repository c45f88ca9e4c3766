#include "cli/model_location.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

#include "core/data_files.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::optional<fs::path> find_by_name(const std::string& name) {
  for (const fs::path& folder : data_folders()) {
    if (is_there(folder / name)) return folder / name;
  }
  return std::nullopt;
}

fs::path hub_cache() {
  if (const std::string cache = environment("HF_HUB_CACHE"); !cache.empty()) return cache;
  if (const std::string home = environment("HF_HOME"); !home.empty()) return fs::path(home) / "hub";
  const std::string cache = environment("XDG_CACHE_HOME");
  const fs::path base = cache.empty() ? fs::path(environment("HOME")) / ".cache" : fs::path(cache);
  return base / "huggingface" / "hub";
}

// Hugging Face keeps owner/name in models--owner--name/snapshots/REVISION.
std::optional<fs::path> find_in_hub_cache(const std::string& id) {
  std::string folder_name = "models--" + id;
  folder_name.replace(folder_name.find('/'), 1, "--");
  const fs::path repository = hub_cache() / folder_name;
  std::string revision;
  if (!(std::ifstream(repository / "refs" / "main") >> revision)) return std::nullopt;
  const fs::path snapshot = repository / "snapshots" / revision;
  return is_there(snapshot) ? std::optional(snapshot) : std::nullopt;
}

std::vector<std::string> known_names() {
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
  return names;
}

}  // namespace

fs::path locate_model(const std::string& given, const std::string& bundled) {
  if (given.empty()) {
    if (const std::string name = environment("VELATURA_MODEL"); !name.empty())
      return locate_model(name);
    if (const auto found = find_by_name(bundled)) return *found;
    throw InputError("the bundled model " + bundled +
                     " is not installed: name one with -m or VELATURA_MODEL");
  }
  if (is_there(given)) return given;
  const auto slashes = std::count(given.begin(), given.end(), '/');
  if (slashes == 0) {
    if (const auto found = find_by_name(given)) return *found;
    const std::string near = nearest(given, known_names());
    throw InputError("model " + given +
                     ": no such file or folder, and no bundled model of that name" +
                     (near.empty() ? "" : ", did you mean '" + near + "'?"));
  }
  if (slashes == 1 && given.front() != '/' && given.front() != '.' && given.back() != '/') {
    if (const auto found = find_in_hub_cache(given)) return *found;
    throw InputError("model " + given + ": no such file or folder, and not in the hub cache at " +
                     hub_cache().string());
  }
  throw InputError("model " + given + ": no such file or folder");
}

}  // namespace velatura::cli
