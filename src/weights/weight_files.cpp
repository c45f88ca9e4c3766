#include "weights/weight_files.h"

#include <algorithm>
#include <array>

#include "velatura/error.h"
#include "weights/checkpoint.h"
#include "weights/sharded_source.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

// File names in the order they are looked for.
struct Candidates {
  std::string plain;
  std::vector<std::string> indices;
};

Candidates candidates(const std::string& stem, const std::string& variant) {
  const std::string file = stem + ".safetensors";
  if (variant.empty()) return {file, {file + ".index.json"}};
  return {stem + "." + variant + ".safetensors",
          {file + ".index." + variant + ".json", file + "." + variant + ".index.json"}};
}

bool open_candidates(const fs::path& folder, const Candidates& names, WeightFiles& found) {
  if (fs::exists(folder / names.plain)) {
    found.files = {folder / names.plain};
    found.source = open_checkpoint(found.files[0]).source;
    return true;
  }
  for (const std::string& name : names.indices) {
    if (!fs::exists(folder / name)) continue;
    auto shards = std::make_shared<ShardedSource>(folder / name);
    found.files = shards->files();
    found.source = std::move(shards);
    return true;
  }
  return false;
}

// What lies in the folder instead, and what to do about it.
std::string hint(const fs::path& folder, const std::string& stem) {
  std::error_code failed;
  for (const fs::path& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.filename().string();
    if (!name.starts_with(stem + ".") || !name.ends_with(".safetensors")) continue;
    const auto length = name.size() - stem.size() - std::string_view("..safetensors").size();
    const std::string variant = name.substr(stem.size() + 1, length);
    return "; " + name + " is there: --variant " + variant + " uses it";
  }
  for (const char* pickle : {"diffusion_pytorch_model.bin", "pytorch_model.bin"}) {
    if (fs::exists(folder / pickle)) {
      return std::string("; ") + pickle +
             " is there, but pickles are not read yet: get the model's .safetensors files";
    }
  }
  return "";
}

}  // namespace

WeightFiles open_weight_files(const fs::path& folder, const std::string& stem,
                              const std::string& variant) {
  WeightFiles found;
  if (!variant.empty() && open_candidates(folder, candidates(stem, variant), found)) return found;
  found.variant_found = variant.empty();
  if (open_candidates(folder, candidates(stem, ""), found)) return found;

  std::string looked_for;
  for (const std::string& suffix : {variant, std::string()}) {
    if (suffix.empty() && !looked_for.empty()) looked_for += ", ";
    const Candidates names = candidates(stem, suffix);
    looked_for += names.plain;
    for (const std::string& index : names.indices) looked_for += ", " + index;
    if (variant.empty()) break;
  }
  throw InputError(folder.string() + ": no weights: looked for " + looked_for + hint(folder, stem));
}

}  // namespace velatura::weights
