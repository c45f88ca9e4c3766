// Model files that are damaged or made to do harm: one clear error each.

#include "tokenizer/sentencepiece_model.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "core/read_file.h"
#include "tokenizer/characters_map.h"
#include "tokenizer/protobuf.h"
#include "tokenizer/xlm_roberta_tokenizer.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kModel = VELATURA_FIXTURES "/tokenizer/xlm_roberta/sentencepiece.bpe.model";

// What is said of a model, or "" if it is taken.
std::string message(const std::string& bytes) {
  try {
    XlmRobertaTokenizer(bytes, "m").tokenize("a red cat, рыжий кот");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

struct Piece {
  std::string text;
  std::uint64_t type = 1;
  float score = -1.0f;
};

std::string model_of(const std::vector<Piece>& pieces, std::uint64_t kind = 1,
                     const std::string& characters = "") {
  std::string bytes, settings;
  for (const Piece& piece : pieces) {
    std::string field;
    append_protobuf_bytes(field, 1, piece.text);
    append_protobuf_float(field, 2, piece.score);
    append_protobuf_varint(field, 3, piece.type);
    append_protobuf_bytes(bytes, 1, field);
  }
  append_protobuf_varint(settings, 3, kind);
  append_protobuf_bytes(bytes, 2, settings);
  settings.clear();
  append_protobuf_bytes(settings, 2, characters);
  append_protobuf_bytes(bytes, 3, settings);
  return bytes;
}

std::vector<Piece> pieces(std::vector<Piece> more) {
  std::vector<Piece> all{{"<unk>", 2}, {"<s>", 3}, {"</s>", 3}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(SentencepieceModel, TakesTheSmallestThatThereIs) {
  EXPECT_EQ(message(model_of(pieces({{"\u2581"}}))), "");
}

TEST(SentencepieceModel, NamesWhatIsWrong) {
  EXPECT_EQ(message(""), "m: has 0 pieces, expected more than 3");
  EXPECT_EQ(message("not a model"), "m: is no sentencepiece model, or it is damaged");
  EXPECT_EQ(message(model_of(pieces({}))), "m: has 3 pieces, expected more than 3");
  EXPECT_EQ(message(model_of({{"<s>", 2}})), "m: piece 0 is <s>, expected <unk>");
  EXPECT_EQ(message(model_of(pieces({{"a", 6}}))),
            "m: piece 3, a, is of type 6, which this tokenizer does not have there");
  EXPECT_EQ(message(model_of(pieces({{"a"}}), 2)), "m: its model_type is 2, expected unigram, 1");
  EXPECT_EQ(message(model_of(pieces({{"a"}, {"a"}}))), "m: piece 4, a, comes twice");
  for (const Piece& bad : {Piece{""}, Piece{"\xFF"}, Piece{std::string("a\0b", 3)},
                           Piece{"a", 1, std::nanf("")}, Piece{"a", 1, -INFINITY}})
    EXPECT_EQ(message(model_of(pieces({bad}))), "m: piece 3 is damaged");
  EXPECT_THAT(message(model_of(pieces({{"<pad>"}}))),
              StartsWith("m: sentencepiece does not take it: "));
}

TEST(SentencepieceModel, IsNeverReadBeyondItsEnd) {
  const std::string whole = read_file(kModel, 1u << 20);
  ASSERT_EQ(message(whole), "");
  const std::string damaged = "m: is no sentencepiece model, or it is damaged";
  for (const std::size_t length :
       {std::size_t{1}, std::size_t{7}, whole.size() / 100, whole.size() / 2, whole.size() - 1}) {
    const std::string said = message(whole.substr(0, length));
    EXPECT_NE(said, "") << length;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
  EXPECT_EQ(message(whole.substr(0, whole.size() - 1)), damaged);
}

TEST(CharactersMap, RefusesWhatLeadsNowhere) {
  const auto map = [](const std::string& bytes) {
    return message(model_of(pieces({{"a"}}), 1, bytes));
  };
  const std::string why = "m: its map of characters is damaged";
  const std::string root("\x00\x00\x00\x00", 4);
  EXPECT_EQ(map("abc"), why);
  EXPECT_EQ(map(std::string("\x05\x00\x00\x00", 4) + "12345678"), why);
  EXPECT_EQ(map(std::string("\xF0\xFF\xFF\xFF", 4) + "1234"), why);
  EXPECT_EQ(map(std::string("\x04\x00\x00\x00", 4) + root), "");
  EXPECT_EQ(map(std::string("\x04\x00\x00\x00", 4) + root + "\xFF"), why);
  // From the root to any byte's own unit, each of which is a leaf that says where its text is in the
  // unit 256 further on.
  const auto leaves = [&](const std::string& place, const std::string& texts) {
    std::string trie = root;
    for (unsigned byte = 1; byte < 256; ++byte) {
      trie += static_cast<char>(byte);
      trie += std::string("\x01\x04\x00", 3);
    }
    for (unsigned byte = 0; byte < 256; ++byte) trie += place;
    return map(std::string("\x00\x08\x00\x00", 4) + trie + texts);
  };
  const std::string first("\x00\x00\x00\x80", 4), second("\x01\x00\x00\x80", 4);
  EXPECT_EQ(leaves(first, std::string("a\0", 2)), "");
  EXPECT_EQ(leaves(first, ""), why) << "it begins beyond the end";
  EXPECT_EQ(leaves(second, "\u0301"), why) << "it begins within a character";
}

}  // namespace
}  // namespace velatura::tokenizer
