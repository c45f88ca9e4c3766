#include "weights/locate/models_folder.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <string_view>

#include "core/file_status.h"
#include "core/path_name.h"
#include "core/sha256.h"
#include "velatura/error.h"
#include "weights/formats/file_hash.h"
#include "weights/formats/file_kind.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepestFolder = 8;
constexpr int kMostEntries = 20'000;

/// What is known of the models of a kind in web UIs' folders.
struct Kind {
  std::string_view words;
  std::array<std::string_view, 3> folders;     ///< webui's name, then ComfyUI's; may be empty
  std::array<std::string_view, 3> extensions;  ///< beside those of checkpoints; may be empty
  std::string_view inside;                     ///< a file that makes a folder one of them
};

const Kind& facts_of(ModelKind kind) {
  static constexpr auto kKinds = std::to_array<Kind>({
      {"model", {"Stable-diffusion", "checkpoints"}, {}, "model_index.json"},
      {"VAE", {"VAE", "vae"}, {".pt"}, "model_index.json"},
      {"LoRA", {"Lora", "loras", "LyCORIS"}, {".pt", ".bin"}, "pytorch_lora_weights.safetensors"},
      {"embedding", {"embeddings"}, {".pt", ".bin"}, ""},
      {"control",
       {"ControlNet", "controlnet", "t2i_adapter"},
       {".pth", ".pt", ".bin"},
       "config.json"},
      {"IP-Adapter", {"ControlNet", "ipadapter"}, {".pth", ".pt", ".bin"}, ""},
      {"image encoder", {"clip_vision"}, {".bin"}, "config.json"},
      {"depth estimator", {"depth_estimator"}, {}, "preprocessor_config.json"},
  });
  return kKinds[static_cast<std::size_t>(kind)];
}

bool is_model_file(const fs::path& path, ModelKind kind) {
  const auto& extensions = facts_of(kind).extensions;
  if (std::ranges::find(extensions, path.extension().string()) != extensions.end()) return true;
  return is_checkpoint_name(path) &&
         (kind != ModelKind::checkpoint || !path.stem().string().ends_with(".vae"));
}

// A model's name without the extension; also of files named X.vae.pt.
std::string without_extension(const std::string& name) {
  for (const std::string_view end : {".vae.safetensors", ".vae.ckpt", ".vae.pt", ".safetensors",
                                     ".ckpt", ".pth", ".pt", ".bin"}) {
    if (name.ends_with(end)) return name.substr(0, name.size() - end.size());
  }
  return name;
}

std::string file_name(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

struct NameAndHash {
  std::string name;
  std::string hash;  // hex digits; empty: none
};

NameAndHash split_hash(const std::string& text) {
  const auto open = text.rfind(" [");
  if (open == std::string::npos || !text.ends_with("]")) return {text, ""};
  const std::string hash = text.substr(open + 2, text.size() - open - 3);
  const bool hex = hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || hash.size() < 8 || hash.size() > 64) return {text, ""};
  return {text.substr(0, open), hash};
}

// What web UIs showed before they hashed whole files: of 64 KiB behind the first MiB.
std::string old_hash(const fs::path& path) {
  std::string bytes(std::size_t{1} << 16, '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(1 << 20).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return sha256(std::string_view(bytes)).substr(0, 8);
}

void check_hash(const fs::path& path, const std::string& hash) {
  const std::string found =
      hash.size() == 8 ? old_hash(path) : sha256_file(path).substr(0, hash.size());
  if (found != hash) {
    throw InputError(path.string() + ": its hash is " + found + ", not " + hash +
                     ": another model of the same name");
  }
}

}  // namespace

// Embeddings stand beside the folder of the models.
fs::path place_of(const fs::path& folder, ModelKind kind) {
  for (const std::string_view name : facts_of(kind).folders) {
    if (name.empty()) continue;
    for (const fs::path& place : {folder / name, folder / "models" / name}) {
      if (is_folder(place)) return place;
    }
  }
  const fs::path clean = without_last_slash(folder);
  const fs::path beside = clean.parent_path() / "embeddings";
  return kind == ModelKind::embedding && clean.filename() == "models" && is_folder(beside) ? beside
                                                                                           : folder;
}

std::string in_words(ModelKind kind) {
  return std::string(facts_of(kind).words);
}

std::vector<NamedModel> models_in(const fs::path& folder, ModelKind kind) {
  const fs::path place = place_of(folder, kind);
  if (!is_folder(place)) {
    throw InputError("models folder " + folder.string() + ": there is no such folder");
  }
  std::vector<NamedModel> models;
  std::error_code failed;
  constexpr auto options = fs::directory_options::follow_directory_symlink |
                           fs::directory_options::skip_permission_denied;
  int entries = 0;
  for (fs::recursive_directory_iterator entry(place, options, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (++entries > kMostEntries) {
      throw InputError("models folder " + folder.string() + ": there are more than " +
                       std::to_string(kMostEntries) + " files in it, name a smaller folder");
    }
    const bool folder_entry = is_folder(entry->path());
    const std::string_view inside = facts_of(kind).inside;
    const bool is_model = folder_entry ? !inside.empty() && is_there(entry->path() / inside)
                                       : is_model_file(entry->path(), kind);
    if (folder_entry && (is_model || entry.depth() >= kDeepestFolder))
      entry.disable_recursion_pending();
    if (is_model) {
      models.push_back({entry->path().lexically_relative(place).generic_string(), entry->path()});
    }
  }
  std::sort(models.begin(), models.end(),
            [](const NamedModel& a, const NamedModel& b) { return a.name < b.name; });
  return models;
}

std::optional<fs::path> find_model_by_name(const fs::path& folder, ModelKind kind,
                                           const std::string& text) {
  const auto [name, hash] = split_hash(text);
  const std::vector<NamedModel> models = models_in(folder, kind);
  using Spelling = std::function<std::string(const std::string&)>;
  const auto spellings = std::to_array<Spelling>(
      {[](const std::string& path) { return path; }, without_extension, file_name,
       [](const std::string& path) { return without_extension(file_name(path)); }});
  for (const Spelling& spelling : spellings) {
    std::vector<fs::path> found;
    std::vector<std::string> names;
    for (const NamedModel& model : models) {
      if (spelling(model.name) != name) continue;
      found.push_back(model.path);
      names.push_back(shown(model.name));
    }
    if (found.size() > 1) {
      throw InputError(in_words(kind) + " " + name + ": several models in " + folder.string() +
                       " have this name: " + some_of(names));
    }
    if (found.empty()) continue;
    if (!hash.empty()) check_hash(found[0], hash);
    return found[0];
  }
  return std::nullopt;
}

}  // namespace velatura::weights
