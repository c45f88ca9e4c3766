#include "tokenizer/sentencepiece_model.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <unordered_set>

#include "core/text.h"
#include "tokenizer/protobuf.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

// Numbers of fields in sentencepiece_model.proto.
namespace model {
constexpr std::uint64_t kPiece = 1, kTrainerSpec = 2, kNormalizerSpec = 3;
}
namespace piece {
constexpr std::uint64_t kText = 1, kScore = 2, kType = 3;
}
namespace trainer {
constexpr std::uint64_t kModelType = 3;
}
namespace normalizer {
constexpr std::uint64_t kName = 1, kCharacters = 2, kAddDummyPrefix = 3, kRemoveExtraSpaces = 4,
                        kEscapeSpaces = 5;
}

enum PieceType : std::uint64_t { kNormal = 1, kUnknown = 2, kControl = 3 };
constexpr std::uint64_t kUnigram = 1;

// The library adds scores up in float32; the one below transformers in float64, where sums of float32
// scores are exact, so that the same pieces in another order are a draw. Scores that are multiples of
// this make sums exact in float32 as well, down to -1024.
constexpr float kScoreUnit = 0x1p-14f;

constexpr float kLargestScore = 1e6f;  // logarithms of probabilities are far smaller

constexpr std::array<std::string_view, 3> kFirst{"<unk>", "<s>", "</s>"};

}  // namespace

SentencepieceModel SentencepieceModel::parse(std::string_view bytes, const std::string& where) {
  const auto refuse = [&](const std::string& why) { throw InputError(where + ": " + why); };
  SentencepieceModel result;
  std::unordered_set<std::string> texts;
  const auto add_piece = [&](std::string_view message) {
    Piece found;
    std::uint64_t type = kNormal;
    const bool whole = each_protobuf_field(message, [&](const ProtobufField& field) {
      if (field.number == piece::kText && field.is_bytes) found.text = field.bytes;
      if (field.number == piece::kScore)
        found.score = std::bit_cast<float>(static_cast<std::uint32_t>(field.scalar));
      if (field.number == piece::kType) type = field.scalar;
    });
    const std::size_t id = result.pieces.size();
    const std::string name = "piece " + std::to_string(id);
    if (!whole || found.text.empty() || !is_utf8(found.text) ||
        found.text.find('\0') != std::string::npos || !(std::abs(found.score) <= kLargestScore))
      refuse(name + " is damaged");
    if (id < kFirst.size() && found.text != kFirst[id])
      refuse(name + " is " + found.text + ", expected " + std::string(kFirst[id]));
    if (type != (id == 0 ? kUnknown : id < kFirst.size() ? kControl : kNormal))
      refuse(name + ", " + found.text + ", is of type " + std::to_string(type) +
             ", which this tokenizer does not have there");
    if (!texts.insert(found.text).second) refuse(name + ", " + found.text + ", comes twice");
    result.pieces.push_back(std::move(found));
  };
  std::uint64_t kind = kUnigram;
  bool parts_whole = true;
  const bool whole = each_protobuf_field(bytes, [&](const ProtobufField& field) {
    if (!field.is_bytes) return;
    if (field.number == model::kPiece) add_piece(field.bytes);
    if (field.number == model::kTrainerSpec) {
      parts_whole &= each_protobuf_field(field.bytes, [&](const ProtobufField& setting) {
        if (setting.number == trainer::kModelType) kind = setting.scalar;
      });
    }
    if (field.number == model::kNormalizerSpec) {
      parts_whole &= each_protobuf_field(field.bytes, [&](const ProtobufField& setting) {
        if (setting.number == normalizer::kCharacters) result.characters = setting.bytes;
      });
    }
  });
  if (!whole || !parts_whole) refuse("is no sentencepiece model, or it is damaged");
  if (kind != kUnigram)
    refuse("its model_type is " + std::to_string(kind) + ", expected unigram, 1");
  if (result.pieces.size() <= kFirst.size())
    refuse("has " + std::to_string(result.pieces.size()) + " pieces, expected more than 3");
  return result;
}

std::string serialized_unigram(const std::vector<SentencepieceModel::Piece>& pieces,
                               std::size_t unknown) {
  std::string bytes;
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    std::string message;
    append_protobuf_bytes(message, piece::kText, pieces[id].text);
    append_protobuf_float(message, piece::kScore,
                          std::round(pieces[id].score / kScoreUnit) * kScoreUnit);
    append_protobuf_varint(message, piece::kType, id == unknown ? kUnknown : kNormal);
    append_protobuf_bytes(bytes, model::kPiece, message);
  }
  std::string settings;
  append_protobuf_varint(settings, trainer::kModelType, kUnigram);
  append_protobuf_bytes(bytes, model::kTrainerSpec, settings);
  settings.clear();
  append_protobuf_bytes(settings, normalizer::kName, "identity");
  for (const auto number :
       {normalizer::kAddDummyPrefix, normalizer::kRemoveExtraSpaces, normalizer::kEscapeSpaces})
    append_protobuf_varint(settings, number, 0);
  append_protobuf_bytes(bytes, model::kNormalizerSpec, settings);
  return bytes;
}

}  // namespace velatura::tokenizer
