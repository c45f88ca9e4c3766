#include "tokenizer/write_tokenizer_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "core/atomic_file.h"

namespace velatura::tokenizer {
namespace {

using Json = nlohmann::ordered_json;

void write(const std::filesystem::path& path, const std::string& text) {
  write_file_atomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

// In the order of ids.
Json ids_of(const ClipVocabulary& vocabulary) {
  std::vector<std::pair<std::int64_t, std::string>> tokens;
  for (const auto& [token, id] : vocabulary.ids) tokens.emplace_back(id, token);
  std::sort(tokens.begin(), tokens.end());
  // Appended, since an ordered object would look for each among all before it.
  Json::object_t ids;
  ids.reserve(tokens.size());
  for (auto& [id, token] : tokens) ids.emplace_back(std::move(token), id);
  return ids;
}

// A token that is found in the normalised text needs more words than others.
Json written(const std::string& token, const ClipVocabulary& vocabulary) {
  const bool normalized = std::ranges::any_of(vocabulary.added_tokens, [&](const auto& added) {
    return added.content == token && added.normalized;
  });
  if (!normalized) return token;
  return {{"content", token},
          {"lstrip", false},
          {"normalized", true},
          {"rstrip", false},
          {"single_word", false}};
}

}  // namespace

void write_tokenizer_folder(const std::filesystem::path& folder, const ClipVocabulary& vocabulary) {
  std::string merges = "#version: 0.2\n";
  for (const auto& [left, right] : vocabulary.merges)
    merges.append(left).append(" ").append(right).append("\n");
  Json special = Json::object();
  for (const auto& [role, token] : {std::pair("bos_token", vocabulary.bos_token),
                                    {"eos_token", vocabulary.eos_token},
                                    {"unk_token", vocabulary.unk_token},
                                    {"pad_token", vocabulary.pad_token}}) {
    special[role] = written(token, vocabulary);
  }
  Json config = special;
  config["tokenizer_class"] = "CLIPTokenizer";
  if (vocabulary.model_max_length) config["model_max_length"] = *vocabulary.model_max_length;
  write(folder / "vocab.json", ids_of(vocabulary).dump());
  write(folder / "merges.txt", merges);
  write(folder / "special_tokens_map.json", special.dump(2) + "\n");
  write(folder / "tokenizer_config.json", config.dump(2) + "\n");
}

}  // namespace velatura::tokenizer
