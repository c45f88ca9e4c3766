#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/encoding.h"

namespace velatura::tokenizer {

/// XLM-RoBERTa's tokens (Conneau et al. 2020): a unigram model of sentencepiece (Kudo 2018), with the
/// ids of fairseq. Equal to transformers' XLMRobertaTokenizer: special tokens that stand in a text are
/// found there, cases are kept. Immutable, so safe to share between threads.
class XlmRobertaTokenizer {
 public:
  static constexpr std::int64_t kBos = 0, kPad = 1, kEos = 2, kUnknown = 3;

  /// From a tokenizer folder with sentencepiece.bpe.model.
  /// @throws InputError if that is no unigram model with <unk>, <s> and </s> first, or is damaged
  static XlmRobertaTokenizer from_folder(const std::filesystem::path& folder);

  /// @param model  bytes of a sentencepiece.bpe.model @param where  for messages @throws InputError
  XlmRobertaTokenizer(std::string_view model, const std::string& where);
  ~XlmRobertaTokenizer();
  XlmRobertaTokenizer(XlmRobertaTokenizer&&) noexcept;
  XlmRobertaTokenizer& operator=(XlmRobertaTokenizer&&) noexcept;

  /// What a text encoder of `max_length` positions takes: <s>, tokens, </s>, <pad>; what is longer is
  /// cut off and reported.
  /// @param prompt      UTF-8
  /// @param max_length  at least 2
  /// @throws InputError if the prompt is not UTF-8, UsageError if max_length is below 2
  Encoding encode(std::string_view prompt, std::size_t max_length) const;

  /// All tokens of a text, without <s> and </s>. @throws InputError if it is not UTF-8
  std::vector<std::int64_t> tokenize(std::string_view text) const;

  /// Tokens in all, <mask> being the last: the text encoder's embedding needs at least as many rows.
  std::size_t vocab_size() const;

 private:
  struct Model;
  std::unique_ptr<const Model> model_;
};

}  // namespace velatura::tokenizer
