#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tokenizer/added_tokens.h"

namespace velatura::tokenizer {

using TokenIds = std::unordered_map<std::string, std::int64_t>;
using Merges = std::vector<std::pair<std::string, std::string>>;  // best first

/// What a tokenizer's files say, before anything is made of it.
struct ClipVocabulary {
  std::string where;  ///< file or folder, for messages
  TokenIds ids;       ///< in the printable byte alphabet; added tokens included
  Merges merges;
  std::vector<AddedToken> added_tokens;
  std::string bos_token, eos_token, unk_token, pad_token;
  std::optional<std::size_t> model_max_length;
};

/// Lines of two tokens each; `#version` and empty lines are skipped. @throws InputError
/// @param first_line  1 to read all of it
/// @param most        merges to read at most
Merges parse_merges(std::string_view text, std::size_t first_line, std::size_t most,
                    const std::string& where);

/// Reads a tokenizer folder with the precedence transformers has: tokenizer.json before vocab.json
/// and merges.txt; tokenizer_config.json, over which special_tokens_map.json goes unless the
/// former lists its added tokens. @throws InputError
ClipVocabulary read_tokenizer_folder(const std::filesystem::path& folder);

/// Reads CLIP's bpe_simple_vocab_16e6.txt.gz: 256 bytes, the same at the end of a word, 48,894
/// merges and two special tokens. @throws InputError
ClipVocabulary read_clip_vocabulary(const std::filesystem::path& file,
                                    const std::string& pad_token);

}  // namespace velatura::tokenizer
