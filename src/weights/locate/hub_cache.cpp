#include "weights/locate/hub_cache.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "core/config_object.h"
#include "core/environment.h"
#include "core/file_status.h"
#include "velatura/error.h"
#include "weights/formats/file_kind.h"
#include "weights/layouts/pipeline_class.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// `~` at the start, `$NAME` and `${NAME}` anywhere; a variable that is not set stays as it is.
fs::path expanded(const std::string& text) {
  std::string path;
  for (std::size_t i = 0; i < text.size();) {
    if (i == 0 && text[0] == '~' && (text.size() == 1 || text[1] == '/')) {
      path = environment("HOME");
      i = 1;
      continue;
    }
    const bool braces = text.compare(i, 2, "${") == 0;
    const std::size_t begin = i + (braces ? 2 : 1);
    std::size_t end = begin;
    while (text[i] == '$' && end < text.size() && is_word(text[end])) ++end;
    const bool closed = !braces || (end < text.size() && text[end] == '}');
    const char* const value =
        end > begin && closed ? std::getenv(text.substr(begin, end - begin).c_str()) : nullptr;
    if (value == nullptr) {
      path += text[i++];
      continue;
    }
    path += value;
    i = end + (braces ? 1 : 0);
  }
  return path;
}

// Parts of a path below some folder: none empty, hidden or leading up, none with other characters
// than the hub has in names.
bool is_below(std::string_view path) {
  while (true) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    const bool plain = std::all_of(part.begin(), part.end(), [](char c) {
      return is_word(c) || c == '.' || c == '-' || c == '+' || c == ' ';
    });
    if (part.empty() || part.front() == '.' || !plain) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

// The cache joins both parts with "--".
bool is_repository_part(std::string_view part) {
  return is_below(part) && part.find('/') == part.npos && part.find("--") == part.npos &&
         part.find(' ') == part.npos && part.front() != '-' && part.back() != '-' &&
         part.back() != '.';
}

std::string shown_id(const HubId& id) {
  return id.repository + (id.revision == "main" ? "" : "@" + id.revision) +
         (id.file.empty() ? "" : "/" + id.file);
}

std::string remedy(const HubId& id) {
  return ": `hf download " + id.repository + (id.file.empty() ? "" : " " + id.file) +
         (id.revision == "main" ? "" : " --revision " + id.revision) + "` fetches it";
}

[[noreturn]] void miss(const HubId& id, const std::string& what) {
  throw InputError("model " + shown_id(id) + ": " + what + remedy(id));
}

fs::path repository_folder(const HubId& id) {
  std::string name = "models--" + id.repository;
  name.replace(name.find('/'), 1, "--");
  return hub_cache() / name;
}

fs::path find_snapshot(const HubId& id) {
  const fs::path repository = repository_folder(id);
  if (!is_there(repository)) {
    miss(id, "no such file or folder, and not in the hub cache (looked for " + repository.string() +
                 ")");
  }
  const fs::path by_sha = repository / "snapshots" / id.revision;
  if (id.revision.size() == 40 && is_there(by_sha)) return by_sha;
  const fs::path ref = repository / "refs" / id.revision;
  std::string sha;
  if (!(std::ifstream(ref) >> sha)) {
    miss(id, "the hub cache has no revision " + id.revision + " of it (looked for " + ref.string() +
                 ")");
  }
  const fs::path snapshot = repository / "snapshots" / sha;
  if (!std::all_of(sha.begin(), sha.end(), is_word) || !is_there(snapshot)) {
    miss(id, ref.string() + " says " + shown(sha) + ", but there is no such snapshot");
  }
  return snapshot;
}

bool holds_weights(const fs::path& folder) {
  std::error_code failed;
  const fs::directory_iterator entries(folder, failed);
  return std::any_of(begin(entries), end(entries), [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return is_there(entry.path()) && (is_checkpoint_name(name) || name.ends_with(".bin"));
  });
}

// Those of a pipeline that is not known are as good as any.
const PipelineClass& pipeline_of(const nlohmann::json& index) {
  const auto name = index.find("_class_name");
  const PipelineClass* const found = name != index.end() && name->is_string()
                                         ? find_pipeline_class(name->get<std::string>())
                                         : nullptr;
  return found == nullptr ? pipeline_classes().front() : *found;
}

// A download that was cut short, or that left the weights out, lacks files of the components.
void check_complete(const HubId& id, const fs::path& snapshot) {
  if (!is_there(snapshot / "model_index.json")) return;
  const nlohmann::json index = read_json(snapshot / "model_index.json");
  if (!index.is_object()) return;
  for (const PipelineComponent& part : pipeline_of(index).components) {
    const std::string role(part.role);
    if (part.kind != ComponentKind::network || !part.required || !index.contains(role) ||
        holds_weights(snapshot / role)) {
      continue;
    }
    miss(id, "only a part of it is in the hub cache, " + role + "/" + weights_stem(part.library) +
                 ".safetensors is missing from " + snapshot.string());
  }
}

}  // namespace

std::optional<HubId> parse_hub_id(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto end = std::min({text.size(), text.find('/', slash + 1), text.find('@', slash + 1)});
  HubId id{.repository = std::string(text.substr(0, end))};
  if (!is_repository_part(text.substr(0, slash)) ||
      !is_repository_part(text.substr(slash + 1, end - slash - 1))) {
    return std::nullopt;
  }
  if (end == text.size()) return id;
  std::string_view rest = text.substr(end + 1);
  if (text[end] == '@') {
    // A revision may have slashes in it, but only a file is named after a weight file.
    const auto cut = is_checkpoint_name(rest) ? std::min(rest.find('/'), rest.size()) : rest.size();
    id.revision = rest.substr(0, cut);
    rest.remove_prefix(std::min(cut + 1, rest.size()));
    if (!is_below(id.revision)) return std::nullopt;
    if (rest.empty()) return id;
  }
  if (!is_below(rest)) return std::nullopt;
  id.file = rest;
  return id;
}

fs::path hub_cache() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const std::string cache = environment(name); !cache.empty()) return expanded(cache);
  }
  if (const std::string home = environment("HF_HOME"); !home.empty()) return expanded(home) / "hub";
  const std::string cache = environment("XDG_CACHE_HOME");
  return expanded(cache.empty() ? "~/.cache" : cache) / "huggingface" / "hub";
}

bool is_in_hub_cache(const HubId& id) {
  return is_there(repository_folder(id));
}

fs::path find_in_hub_cache(const HubId& id) {
  const fs::path snapshot = find_snapshot(id);
  if (id.file.empty()) {
    check_complete(id, snapshot);
    return snapshot;
  }
  if (!is_there(snapshot / id.file)) {
    miss(id, "there is no file " + id.file + " in the hub cache's " + snapshot.string());
  }
  return snapshot / id.file;
}

}  // namespace velatura::weights
