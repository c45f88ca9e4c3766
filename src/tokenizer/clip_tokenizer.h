#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/byte_pair_encoder.h"
#include "tokenizer/clip_vocabulary.h"
#include "tokenizer/encoding.h"
#include "tokenizer/learned_word.h"

namespace velatura::tokenizer {

/// CLIP's byte-pair encoding (Radford et al. 2021, §2.4), equal to transformers' CLIPTokenizer:
/// NFC, lower case, words by CLIP's pattern, byte-level BPE with `</w>` at the end of a word.
/// Added tokens (`<|startoftext|>`, `<|endoftext|>`, the padding token, …) are found in the text.
/// Immutable, so safe to share between threads.
class ClipTokenizer {
 public:
  /// @throws InputError if the vocabulary is inconsistent
  explicit ClipTokenizer(ClipVocabulary vocabulary);

  /// From a tokenizer folder: tokenizer.json, else vocab.json and merges.txt; with them
  /// tokenizer_config.json, special_tokens_map.json and added_tokens.json where they are there.
  /// @throws InputError
  static ClipTokenizer from_folder(const std::filesystem::path& folder);

  /// From CLIP's own vocabulary, bpe_simple_vocab_16e6.txt.gz, for models without a tokenizer.
  /// @param pad_token  "<|endoftext|>" for SD 1.x, "!" (id 0) for SD 2.x
  /// @throws InputError
  static ClipTokenizer from_clip_vocabulary(const std::filesystem::path& file,
                                            const std::string& pad_token = "<|endoftext|>");

  /// One that knows these words, too: each is found in any case and anywhere, also within others,
  /// the leftmost first and the longest of those; the text between is tokenised by itself, as
  /// transformers does it with added tokens. @param words  with ids of vocab_size() and more
  ClipTokenizer with_words(std::vector<LearnedWord> words) const;

  /// What a text encoder of `max_length` positions takes; what is longer is cut off and reported.
  /// @param prompt      UTF-8
  /// @param max_length  at least 2
  /// @throws InputError if the prompt is not UTF-8, UsageError if max_length is below 2
  Encoding encode(std::string_view prompt, std::size_t max_length) const;

  /// BOS, the tokens, EOS, and padding up to `length`, which has room for them all.
  std::vector<std::int64_t> framed(std::span<const std::int64_t> tokens, std::size_t length) const;

  /// All tokens of a text, without BOS and EOS. @throws InputError if it is not UTF-8
  std::vector<std::int64_t> tokenize(std::string_view text) const;

  /// The text of tokens, a space after each word; bytes that are no UTF-8 become U+FFFD.
  /// @throws InputError for an id that is not in the vocabulary
  std::string decode(std::span<const std::int64_t> ids) const;

  std::int64_t bos_token_id() const { return bos_; }
  std::int64_t eos_token_id() const { return eos_; }
  std::int64_t pad_token_id() const { return pad_; }

  /// Tokens in all: the text encoder's embedding needs at least as many rows.
  std::size_t vocab_size() const { return tokens_.size(); }

  /// True if every id is the same token, and padding is the same. Since tokens tell how they were
  /// merged, texts then get the same ids.
  bool equals(const ClipTokenizer& other) const {
    return tokens_ == other.tokens_ && pad_ == other.pad_;
  }

  /// The length tokenizer_config.json asks for, if it does (77 for CLIP).
  std::optional<std::size_t> model_max_length() const { return model_max_length_; }

 private:
  const LearnedWord* word_of(std::int64_t id) const;  // null for tokens of the vocabulary

  std::vector<std::string> tokens_;  // by id; empty where an id is not used
  BytePairEncoder encoder_;
  AddedTokenFinder verbatim_;    // looked for in the text as it is
  AddedTokenFinder normalized_;  // looked for after normalisation
  std::vector<LearnedWord> words_;
  std::int64_t bos_, eos_, pad_;
  std::optional<std::size_t> model_max_length_;
};

}  // namespace velatura::tokenizer
