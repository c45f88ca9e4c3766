#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_set>

#include "core/config_object.h"
#include "core/read_file.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/clip_vocabulary.h"
#include "tokenizer/limits.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct NamedToken {
  std::string content;
  bool normalized = false;
};
using NamedTokens = std::map<std::string, NamedToken>;    // by role: bos_token, …
using ListedTokens = std::map<std::int64_t, NamedToken>;  // by id

// In the order in which transformers adds them; of equal tokens the last one's flags count.
constexpr std::array kRoles = {"bos_token", "eos_token", "unk_token", "sep_token",
                               "pad_token", "cls_token", "mask_token"};

// A token is its text, or an object with its text and flags.
NamedToken parse_token(const json& value, bool special, const std::string& where) {
  if (value.is_string()) return {value.get<std::string>(), false};
  ConfigObject token(where, value);
  for (const char* flag : {"lstrip", "rstrip", "single_word"}) token.only(flag, false);
  special = token.get<bool>("special", special);
  return {token.require<std::string>("content"), token.get<bool>("normalized", !special)};
}

void read_named(const json& object, const std::string& where, NamedTokens& named) {
  for (const std::string role : kRoles) {
    if (!object.contains(role)) continue;
    const json& value = object.at(role);
    if (value.is_null() && !named.contains(role)) continue;
    named[role] = parse_token(value, true, where + ": " + role);
  }
}

void read_extra(const json& object, const std::string& where, std::vector<NamedToken>& extra) {
  for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
    if (!object.contains(key) || object.at(key).empty()) continue;
    if (!object.at(key).is_array()) {
      throw InputError(where + ": " + key + " is " + object.at(key).dump() + ", expected a list");
    }
    extra.clear();
    for (const json& value : object.at(key)) {
      extra.push_back(parse_token(value, true, where + ": " + key));
    }
  }
}

std::int64_t parse_id(const json& id, const std::string& where) {
  if (!id.is_number_integer()) throw InputError(where + ": id is " + id.dump());
  return id.get<std::int64_t>();
}

TokenIds parse_ids(const json& object, const std::string& where) {
  if (!object.is_object()) {
    throw InputError(where + ": the vocabulary is of type " + object.type_name() +
                     ", expected an object");
  }
  TokenIds ids;
  ids.reserve(object.size() + 8);
  for (const auto& [token, id] : object.items())
    ids.emplace(token, parse_id(id, where + ": " + token));
  return ids;
}

// tokenizer.json writes a merge as "a b" or as ["a", "b"].
Merges parse_merge_list(const json& list, const std::string& where) {
  if (!list.is_array()) throw InputError(where + ": merges is not a list");
  Merges merges;
  merges.reserve(list.size());
  for (const json& merge : list) {
    if (merge.is_string()) {
      const Merges one = parse_merges(merge.get<std::string>(), 1, 1, where);
      merges.insert(merges.end(), one.begin(), one.end());
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
    } else {
      throw InputError(where + ": merge " + std::to_string(merges.size() + 1) + " is " +
                       merge.dump());
    }
  }
  return merges;
}

// CLIPTokenizer takes the tables and the special tokens from tokenizer.json; normalisation and
// words are its own.
void read_tokenizer_json(const fs::path& path, ClipVocabulary& vocabulary, json& added_tokens) {
  ConfigObject file = ConfigObject::from_file(path);
  ConfigObject model(path.string() + ": model", file.raw("model"));
  model.only("type", "BPE");
  model.only("end_of_word_suffix", "</w>");
  for (const char* prefix : {"continuing_subword_prefix", "dropout"}) {
    if (model.has(prefix) && model.raw(prefix) != "") model.reject(prefix, "none");
  }
  for (const char* flag : {"fuse_unk", "byte_fallback", "ignore_merges"}) model.only(flag, false);
  vocabulary.ids = parse_ids(model.raw("vocab"), path.string());
  vocabulary.merges = parse_merge_list(model.raw("merges"), path.string());
  added_tokens = file.raw("added_tokens");
}

ListedTokens parse_listed(const json& list, const std::string& where) {
  ListedTokens listed;
  for (const json& value : list) {
    if (!value.is_object() || !value.contains("id"))
      throw InputError(where + ": added token without id");
    listed[parse_id(value.at("id"), where)] = parse_token(value, false, where + ": added_tokens");
  }
  return listed;
}

// tokenizer_config.json: {"49406": {"content": …}, …}
ListedTokens parse_decoder(const json& decoder, const std::string& where) {
  ListedTokens listed;
  for (const auto& [id, value] : decoder.items()) {
    if (id.empty() || id.size() > 9 || id.find_first_not_of("0123456789") != id.npos) {
      throw InputError(where + ": id \"" + id + "\" is not a whole number");
    }
    listed[std::stoll(id)] = parse_token(value, false, where);
  }
  return listed;
}

void add_token(ClipVocabulary& vocabulary, const NamedToken& token) {
  std::int64_t largest = -1;
  const auto found = vocabulary.ids.find(token.content);
  if (found == vocabulary.ids.end()) {
    for (const auto& [content, id] : vocabulary.ids) largest = std::max(largest, id);
    vocabulary.ids.emplace(token.content, largest + 1);
  }
  std::erase_if(vocabulary.added_tokens,
                [&](const AddedToken& added) { return added.content == token.content; });
  vocabulary.added_tokens.push_back(
      {token.content, vocabulary.ids.at(token.content), token.normalized});
}

// A list of merges that was cut short between two lines would make another tokenizer, unnoticed:
// whatever is longer than a byte must come from a merge.
void check_merges(const ClipVocabulary& vocabulary) {
  std::unordered_set<std::string> made;
  for (const auto& [left, right] : vocabulary.merges) made.insert(left + right);
  for (const AddedToken& token : vocabulary.added_tokens) made.insert(token.content);
  constexpr std::string_view kEndOfWord = "</w>";
  for (const auto& [token, id] : vocabulary.ids) {
    std::string_view symbol = token;
    if (symbol.ends_with(kEndOfWord)) symbol.remove_suffix(kEndOfWord.size());
    if (bytes_of(symbol).size() > 1 && !made.contains(token)) {
      throw InputError(vocabulary.where + ": no merge makes the token " + token +
                       " of the vocabulary: the merges are not all there");
    }
  }
}

}  // namespace

ClipVocabulary read_tokenizer_folder(const fs::path& folder) {
  ClipVocabulary vocabulary;
  vocabulary.where = folder.string();
  const auto has = [&](const char* name) { return fs::exists(folder / name); };

  json listed_in_file = json::array();
  if (has("tokenizer.json")) {
    read_tokenizer_json(folder / "tokenizer.json", vocabulary, listed_in_file);
  } else if (has("vocab.json") && has("merges.txt")) {
    const fs::path merges = folder / "merges.txt";
    vocabulary.ids = parse_ids(read_json(folder / "vocab.json"), (folder / "vocab.json").string());
    vocabulary.merges =
        parse_merges(read_file(merges, kLargestFile), 1, kLargestFile, merges.string());
  } else {
    throw InputError(folder.string() + ": expected tokenizer.json, or vocab.json and merges.txt");
  }

  NamedTokens named = {{"bos_token", {"<|startoftext|>", false}},
                       {"eos_token", {"<|endoftext|>", false}},
                       {"unk_token", {"<|endoftext|>", false}},
                       {"pad_token", {"<|endoftext|>", false}}};
  std::vector<NamedToken> extra;
  ListedTokens listed;
  const std::string config_name = (folder / "tokenizer_config.json").string();
  ConfigObject config(config_name,
                      has("tokenizer_config.json") ? read_json(config_name) : json::object());
  read_named(config.json(), config_name, named);
  read_extra(config.json(), config_name, extra);
  for (const char* side : {"padding_side", "truncation_side"}) config.only(side, "right");
  // transformers writes 1e30 where there is no limit.
  const double longest = config.get<double>("model_max_length", 1e30);
  if (longest >= 2 && longest < 1e9) {
    vocabulary.model_max_length = static_cast<std::size_t>(longest);
  }
  if (config.has("added_tokens_decoder")) {
    listed =
        parse_decoder(config.raw("added_tokens_decoder"), config_name + ": added_tokens_decoder");
  } else {
    if (has("special_tokens_map.json")) {
      const std::string name = (folder / "special_tokens_map.json").string();
      const ConfigObject map = ConfigObject::from_file(name);
      read_named(map.json(), name, named);
      read_extra(map.json(), name, extra);
    }
    if (has("added_tokens.json")) {
      const std::string name = (folder / "added_tokens.json").string();
      for (const auto& [token, id] : parse_ids(read_json(name), name)) {
        const bool special = std::ranges::any_of(
            named, [&token = token](const auto& entry) { return entry.second.content == token; });
        listed[id] = {token, !special};
      }
    }
    listed.merge(parse_listed(listed_in_file, folder.string()));
  }

  for (const auto& [id, token] : listed) {
    add_token(vocabulary, token);
    if (vocabulary.ids.at(token.content) != id) {
      throw InputError(folder.string() + ": added token \"" + token.content + "\" has id " +
                       std::to_string(id) + ", expected " +
                       std::to_string(vocabulary.ids.at(token.content)));
    }
    for (auto& [role, other] : named) {
      if (other.content == token.content) other.normalized = token.normalized;
    }
  }
  for (const std::string role : kRoles) {
    if (named.contains(role)) add_token(vocabulary, named.at(role));
  }
  for (const NamedToken& token : extra) add_token(vocabulary, token);
  vocabulary.bos_token = named.at("bos_token").content;
  vocabulary.eos_token = named.at("eos_token").content;
  vocabulary.unk_token = named.at("unk_token").content;
  vocabulary.pad_token = named.at("pad_token").content;
  check_merges(vocabulary);
  return vocabulary;
}

}  // namespace velatura::tokenizer
