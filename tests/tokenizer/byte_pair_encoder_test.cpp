#include "tokenizer/byte_pair_encoder.h"

#include <gmock/gmock.h>

#include <string>

#include "tokenizer/byte_alphabet.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::unordered_map<std::string, std::int64_t> kIds = {
    {"a", 0},  {"b", 1},      {"a</w>", 2}, {"b</w>", 3},
    {"ab", 4}, {"ab</w>", 5}, {"aa", 6},    {"abab</w>", 7}};

std::vector<std::int64_t> encode(const BytePairEncoder& encoder, std::string_view word) {
  std::vector<std::int64_t> tokens;
  encoder.encode(word, tokens);
  return tokens;
}

TEST(BytePairEncoder, MergesTheBestPairFirst) {
  const BytePairEncoder encoder(kIds, {{"a", "a"}, {"a", "b"}}, 99, "test");
  EXPECT_THAT(encode(encoder, "aaba"), ElementsAre(6, 1, 2));
  const BytePairEncoder swapped(kIds, {{"a", "b"}, {"a", "a"}}, 99, "test");
  EXPECT_THAT(encode(swapped, "aaba"), ElementsAre(0, 4, 2));
}

TEST(BytePairEncoder, MergesTheLeftmostOfEqualPairs) {
  const BytePairEncoder encoder(kIds, {{"a", "a"}}, 99, "test");
  EXPECT_THAT(encode(encoder, "aaaaa"), ElementsAre(6, 6, 2));
}

TEST(BytePairEncoder, MergesMergedSymbols) {
  const BytePairEncoder encoder(kIds, {{"a", "b"}, {"a", "b</w>"}, {"ab", "ab</w>"}}, 99, "test");
  EXPECT_THAT(encode(encoder, "abab"), ElementsAre(7));
  EXPECT_THAT(encode(encoder, "ababab"), ElementsAre(4, 7));
}

TEST(BytePairEncoder, GivesTheUnknownTokenForBytesWithoutOne) {
  const BytePairEncoder encoder(kIds, {}, 99, "test");
  EXPECT_THAT(encode(encoder, "axxb"), ElementsAre(0, 99, 99, 3));
  EXPECT_THAT(encode(encoder, ""), ElementsAre());
}

TEST(BytePairEncoder, RefusesMergesOutsideTheVocabulary) {
  try {
    const BytePairEncoder encoder(kIds, {{"a", "b"}, {"b", "a"}}, 99, "FILE");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("FILE: merge 2 (b a): no token ba"));
  }
}

TEST(ByteAlphabet, IsReversibleForEveryByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string symbol = printable(static_cast<std::uint8_t>(byte));
    EXPECT_EQ(bytes_of(symbol), std::string(1, static_cast<char>(byte)));
  }
  EXPECT_EQ(printable(' '), "\u0120");
  EXPECT_EQ(printable(0xAD), "\u0143");
  EXPECT_EQ(bytes_of("猫"), "猫");
}

TEST(ByteAlphabet, ReplacesWhatIsNotUtf8ByStretches) {
  EXPECT_EQ(to_utf8_lossy("a\xE7\x8C\xAB"), "a猫");
  EXPECT_EQ(to_utf8_lossy("\x8C\xAB"), "\uFFFD\uFFFD");
  EXPECT_EQ(to_utf8_lossy("\xE7\x8C"
                          "a"),
            "\uFFFD"
            "a");
  EXPECT_EQ(to_utf8_lossy("\xF0\x9F\x98"), "\uFFFD");
  EXPECT_EQ(to_utf8_lossy("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(to_utf8_lossy("\xC0\x80"), "\uFFFD\uFFFD");
}

}  // namespace
}  // namespace velatura::tokenizer
