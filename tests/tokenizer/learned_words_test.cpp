#include <gmock/gmock.h>

#include <algorithm>

#include "tokenizer/prompt_chunks.h"
#include "tokenizer/small_tokenizer.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using ::testing::ElementsAre;
using Ids = std::vector<std::int64_t>;

const std::vector<LearnedWord> kWords{{"zsty", 1000, 1}, {"Zstyle", 1001, 3}, {"a b", 1004, 2}};

Ids joined(std::initializer_list<Ids> parts) {
  Ids all;
  for (const Ids& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Ids plain(const std::string& text) {
  return tokenizer().tokenize(text);
}
Ids taught(const std::string& text) {
  return tokenizer().with_words(kWords).tokenize(text);
}

TEST(LearnedWords, AreFoundInAnyCaseTheLongestFirst) {
  EXPECT_EQ(taught("a zsty b"), joined({plain("a"), {1000}, plain("b")}));
  EXPECT_EQ(taught("ZSTYLE zStY"), (Ids{1001, 1002, 1003, 1000}));
  EXPECT_EQ(taught("c"), plain("c"));
}

TEST(LearnedWords, StandInsideOthersToo) {
  EXPECT_EQ(taught("axzstyled"), joined({plain("ax"), {1001, 1002, 1003}, plain("d")}));
  EXPECT_EQ(taught("xa bx"), joined({plain("x"), {1004, 1005}, plain("x")}));
}

TEST(LearnedWords, AreCutOffWhereThePromptEnds) {
  const auto encoding = tokenizer().with_words(kWords).encode("a zstyle b", 4);
  EXPECT_THAT(encoding.ids, ElementsAre(tokenizer().bos_token_id(), plain("a")[0], 1001,
                                        tokenizer().eos_token_id()));
  EXPECT_EQ(encoding.tokens, 5u);
  EXPECT_EQ(tokenizer().with_words(kWords).decode(Ids{1000, 1001, 1002, 1003}), "zsty Zstyle");
}

std::vector<PromptChunk> taught_chunks(const std::string& prompt,
                                       const std::vector<LearnedWord>& words = kWords) {
  return chunk_prompt(tokenizer(), parse_weighted_prompt(prompt), 77, words);
}

Ids tokens_of(const PromptChunk& chunk) {
  const auto end = std::ranges::find(chunk.ids, tokenizer().eos_token_id());
  return {chunk.ids.begin() + 1, end};
}

TEST(LearnedWordsInChunks, AreFoundByTheirTokens) {
  EXPECT_EQ(tokens_of(taught_chunks("a zstyle c")[0]),
            joined({plain("a"), {1001, 1002, 1003}, plain("c")}));
  EXPECT_EQ(tokens_of(taught_chunks("c a b c")[0]), joined({plain("c"), {1004, 1005}, plain("c")}));
  const auto weighted = taught_chunks("(zstyle:2) a")[0];
  EXPECT_THAT(std::vector(weighted.weights.begin(), weighted.weights.begin() + 5),
              ElementsAre(1, 2, 2, 2, 1));
}

TEST(LearnedWordsInChunks, GoWholeIntoTheNext) {
  std::string prompt;
  for (int i = 0; i < 73; ++i) prompt += "c ";
  const auto found = taught_chunks(prompt + "zstyle c");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(tokens_of(found[0]).size(), 73u);
  EXPECT_EQ(tokens_of(found[1]), joined({{1001, 1002, 1003}, plain("c")}));
  EXPECT_THROW(taught_chunks("big", {{"big", 1000, 76}}), UsageError);
  EXPECT_EQ(taught_chunks("big", {{"big", 1000, 75}}).size(), 1u);
}

}  // namespace
}  // namespace velatura::tokenizer
