#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace velatura::tokenizer {

/// What tokenizers of the field need of a sentencepiece model file (a protobuf ModelProto): a unigram
/// model (Kudo 2018).
struct SentencepieceModel {
  struct Piece {
    std::string text;    ///< UTF-8, not empty, without NUL
    float score = 0.0f;  ///< logarithm of a probability
  };
  std::vector<Piece> pieces;  ///< the first three are <unk>, <s> and </s>; no text comes twice
  std::string characters;     ///< its `precompiled_charsmap`, see CharactersMap

  /// @param bytes of the file @param where  for messages
  /// @throws InputError for another kind of model, and if it is damaged
  static SentencepieceModel parse(std::string_view bytes, const std::string& where);
};

/// The bytes of a model that the sentencepiece library takes for these pieces, with their places as ids,
/// and that leaves texts as they are. Of equal sums of scores the first found wins, as in transformers.
/// @param unknown  place of the one piece that no text has
std::string serialized_unigram(const std::vector<SentencepieceModel::Piece>& pieces,
                               std::size_t unknown);

}  // namespace velatura::tokenizer
