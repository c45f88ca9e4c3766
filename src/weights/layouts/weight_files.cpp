#include "weights/layouts/weight_files.h"

#include <algorithm>
#include <array>

#include "velatura/error.h"
#include "weights/formats/checkpoint.h"
#include "weights/formats/sharded_source.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

// What a component's files are called in one format, but for variants and shards.
struct Format {
  std::string stem;
  std::string extension;
};

// In the order they are looked for. transformers calls its pickles by another name.
std::array<Format, 2> formats(const std::string& stem) {
  return {{{stem, ".safetensors"}, {stem == "model" ? "pytorch_model" : stem, ".bin"}}};
}

// File names in the order they are looked for.
struct Candidates {
  std::string plain;
  std::vector<std::string> indices;
};

Candidates candidates(const Format& format, const std::string& variant) {
  const auto& [stem, extension] = format;
  const std::string file = stem + extension;
  if (variant.empty()) return {file, {file + ".index.json"}};
  return {stem + "." + variant + extension,
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

// A variant that lies in the folder instead, and what to do about it.
std::string hint(const fs::path& folder, const std::string& stem) {
  std::error_code failed;
  for (const fs::path& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.filename().string();
    for (const auto& [its_stem, extension] : formats(stem)) {
      if (!name.starts_with(its_stem + ".") || !name.ends_with(extension) ||
          name.size() <= its_stem.size() + 1 + extension.size()) {
        continue;
      }
      const std::string variant =
          name.substr(its_stem.size() + 1, name.size() - its_stem.size() - 1 - extension.size());
      return "; " + name + " is there: variant " + variant + " uses it";
    }
  }
  return "";
}

}  // namespace

WeightFiles open_weight_files(const fs::path& folder, const std::string& stem,
                              const std::string& variant) {
  std::vector<std::string> suffixes{variant};
  if (!variant.empty()) suffixes.emplace_back();
  std::string looked_for;
  for (const std::string& suffix : suffixes) {
    for (const Format& format : formats(stem)) {
      const Candidates names = candidates(format, suffix);
      WeightFiles found;
      found.variant_found = suffix == variant;
      if (open_candidates(folder, names, found)) return found;
      looked_for += (looked_for.empty() ? "" : ", ") + names.plain;
      for (const std::string& index : names.indices) looked_for += ", " + index;
    }
  }
  const std::string other = hint(folder, stem);
  throw InputError(
      folder.string() + ": no weights: looked for " + looked_for + other,
      other.empty() ? std::vector<std::string>() : std::vector{std::string("variant")});
}

}  // namespace velatura::weights
