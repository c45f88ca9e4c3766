#include "tokenizer/clip_tokenizer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "tokenizer/clip_vocabulary_file.h"
#include "tokenizer/corpus.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using ::testing::ElementsAre;
using Ids = std::vector<std::int64_t>;

const std::filesystem::path kFixtures = VELATURA_FIXTURES "/tokenizer";

std::string shown(const std::string& text) {
  return text.size() < 200 ? text
                           : text.substr(0, 200) + "… (" + std::to_string(text.size()) + " bytes)";
}

// Every text that has ids in one of the two fields; says how many there were.
std::size_t compare(const ClipTokenizer& tokenizer, const char* field, const char* otherwise) {
  std::size_t compared = 0;
  for (const CorpusEntry& entry : read_corpus()) {
    const auto expected = entry.ids(field, otherwise);
    if (!expected) continue;
    EXPECT_EQ(tokenizer.tokenize(entry.text), *expected) << shown(entry.text);
    ++compared;
  }
  return compared;
}

TEST(ClipTokenizerParity, ClipVocabulary) {
  SKIP_WITHOUT_VOCABULARY();
  EXPECT_GE(compare(ClipTokenizer::from_clip_vocabulary(kVocabulary), "clip", "clip"), 2000u);
}

TEST(ClipTokenizerParity, ClipVocabularyPaddedWithExclamationMarks) {
  SKIP_WITHOUT_VOCABULARY();
  EXPECT_GE(compare(ClipTokenizer::from_clip_vocabulary(kVocabulary, "!"), "exclaim", "clip"),
            2000u);
}

TEST(ClipTokenizerParity, VocabJsonAndMerges) {
  EXPECT_GE(compare(ClipTokenizer::from_folder(kFixtures / "small"), "small", "small"), 1000u);
}

TEST(ClipTokenizerParity, TokenizerJsonWithAddedToken) {
  EXPECT_GE(compare(ClipTokenizer::from_folder(kFixtures / "small_saved"), "saved", "small"),
            1000u);
}

TEST(ClipTokenizerParity, TruncationPaddingAndDroppedText) {
  SKIP_WITHOUT_VOCABULARY();
  const auto tokenizer = ClipTokenizer::from_clip_vocabulary(kVocabulary);
  std::size_t compared = 0;
  for (const CorpusEntry& entry : read_corpus()) {
    if (!entry.expected.contains("cut")) continue;
    const auto& cut = entry.expected.at("cut");
    const Encoding encoding = tokenizer.encode(entry.text, cut.at("length").get<std::size_t>());
    EXPECT_EQ(encoding.ids, cut.at("ids").get<Ids>()) << shown(entry.text);
    EXPECT_EQ(encoding.dropped, cut.at("dropped").get<std::string>()) << shown(entry.text);
    EXPECT_EQ(encoding.tokens, entry.ids("clip", "clip")->size()) << shown(entry.text);
    ++compared;
  }
  EXPECT_GE(compared, 200u);
}

TEST(ClipTokenizerParity, Decoding) {
  SKIP_WITHOUT_VOCABULARY();
  const auto tokenizer = ClipTokenizer::from_clip_vocabulary(kVocabulary);
  std::size_t compared = 0;
  for (const CorpusEntry& entry : read_corpus()) {
    if (!entry.expected.contains("decoded")) continue;
    EXPECT_EQ(tokenizer.decode(*entry.ids("clip", "clip")),
              entry.expected.at("decoded").get<std::string>());
    ++compared;
  }
  EXPECT_GE(compared, 250u);
}

TEST(ClipTokenizer, PadsWithTheModelsToken) {
  SKIP_WITHOUT_VOCABULARY();
  const auto first = ClipTokenizer::from_clip_vocabulary(kVocabulary);
  const auto second = ClipTokenizer::from_clip_vocabulary(kVocabulary, "!");
  EXPECT_THAT(first.encode("a cat", 6).ids, ElementsAre(49406, 320, 2368, 49407, 49407, 49407));
  EXPECT_THAT(second.encode("a cat", 6).ids, ElementsAre(49406, 320, 2368, 49407, 0, 0));
  EXPECT_EQ(first.model_max_length(), 77u);
  EXPECT_EQ(first.vocab_size(), 49408u);
}

TEST(ClipTokenizer, RefusesWhatIsNotUtf8) {
  const auto tokenizer = ClipTokenizer::from_folder(kFixtures / "small");
  for (const char* text :
       {"\xFF", "a\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
    EXPECT_THROW(tokenizer.tokenize(text), InputError);
  }
}

TEST(ClipTokenizer, RefusesALengthWithoutRoomForBeginAndEnd) {
  const auto tokenizer = ClipTokenizer::from_folder(kFixtures / "small");
  EXPECT_THROW(tokenizer.encode("a", 1), UsageError);
  EXPECT_EQ(tokenizer.encode("a", 2).dropped, "a");
}

TEST(ClipTokenizer, RefusesToDecodeIdsItDoesNotHave) {
  const auto tokenizer = ClipTokenizer::from_folder(kFixtures / "small");
  EXPECT_THROW(tokenizer.decode(Ids{1 << 20}), InputError);
  EXPECT_THROW(tokenizer.decode(Ids{-1}), InputError);
}

}  // namespace
}  // namespace velatura::tokenizer
