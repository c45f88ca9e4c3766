#include "tokenizer/unicode.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tokenizer/clip_words.h"

namespace velatura::tokenizer {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> found;
  for_each_word(text, [&](std::string_view word) { found.emplace_back(word); });
  return found;
}

TEST(NfcLower, Composes) {
  EXPECT_EQ(nfc_lower("e\u0301 A\u030A"), "é å");
  EXPECT_EQ(nfc_lower("q\u0307\u0323"), "q\u0323\u0307");
  EXPECT_EQ(nfc_lower("\u1100\u1161\u11A8"), "각");
  EXPECT_EQ(nfc_lower("\u0958"), "\u0915\u093C");
}

TEST(NfcLower, LowersCharacterByCharacter) {
  EXPECT_EQ(nfc_lower("ΟΔΟΣ"), "οδοσ");
  EXPECT_EQ(nfc_lower("\u0130X"), "i\u0307x");
  EXPECT_EQ(nfc_lower("ẞ ǅ Ⅳ \u212A"), "ß ǆ ⅳ k");
  EXPECT_EQ(nfc_lower(std::string_view("A\0B", 3)), std::string("a\0b", 3));
}

TEST(CharClass, IsThatOfThePattern) {
  for (const char32_t c : {U'a', U'é', U'猫', U'ǅ', U'ʰ', U'अ'})
    EXPECT_EQ(char_class(c), CharClass::letter);
  for (const char32_t c : {U'0', U'٣', U'Ⅳ', U'½', U'一'}) {
    EXPECT_EQ(char_class(c), c == U'一' ? CharClass::letter : CharClass::number);
  }
  for (const char32_t c : {0x09, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x3000}) {
    EXPECT_EQ(char_class(c), CharClass::space);
  }
  for (const char32_t c : {0x00, 0x1F, 0x200B, 0x180E, 0x301, 0x1F600, 0xE000, 0x5F}) {
    EXPECT_EQ(char_class(c), CharClass::other);
  }
}

TEST(Words, FollowThePattern) {
  EXPECT_THAT(words_in("it's 2 many!!"), ElementsAre("it", "'s", "2", "many", "!!"));
  EXPECT_THAT(words_in("42"), ElementsAre("4", "2"));
  EXPECT_THAT(words_in("a_b"), ElementsAre("a", "_", "b"));
  EXPECT_THAT(words_in("!'re 're're"), ElementsAre("!'", "re", "'re", "'re"));
  EXPECT_THAT(words_in("'x ''s"), ElementsAre("'", "x", "''", "s"));
  EXPECT_THAT(words_in("\u00A0a\u3000b\u200Bc"), ElementsAre("a", "b", "\u200B", "c"));
  EXPECT_THAT(words_in("<|endoftext|>!!"), ElementsAre("<|", "endoftext", "|>", "!!"));
  EXPECT_THAT(words_in("!<|endoftext|>!!"), ElementsAre("!<|", "endoftext", "|>!!"));
  EXPECT_THAT(words_in(" \t"), ElementsAre());
}

}  // namespace
}  // namespace velatura::tokenizer
