#include "tokenizer/prompt_chunks.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "tokenizer/small_tokenizer.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// "a a … a": as many tokens as asked for.
std::string words(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "a ";
  return text;
}

std::vector<PromptChunk> chunks(const std::string& prompt) {
  return chunk_prompt(tokenizer(), parse_weighted_prompt(prompt), 77);
}

// How many tokens each chunk has.
std::vector<std::ptrdiff_t> sizes(const std::string& prompt) {
  std::vector<std::ptrdiff_t> result;
  for (const auto& chunk : chunks(prompt)) {
    const auto end = std::ranges::find(chunk.ids, tokenizer().eos_token_id());
    result.push_back(end - chunk.ids.begin() - 1);
  }
  return result;
}

TEST(PromptChunks, AreFullAt75Tokens) {
  EXPECT_THAT(sizes(words(74)), ElementsAre(74));
  EXPECT_THAT(sizes(words(75)), ElementsAre(75));
  EXPECT_THAT(sizes(words(76)), ElementsAre(75, 1));
  EXPECT_THAT(sizes(words(151)), ElementsAre(75, 75, 1));
}

TEST(PromptChunks, OfOneAreWhatThePlainPromptIs) {
  for (const std::size_t count : {0, 3, 75}) {
    const auto found = chunks(words(count));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].ids, tokenizer().encode(words(count), 77).ids);
    EXPECT_THAT(found[0].weights, Each(1.0F));
    EXPECT_EQ(found[0].weights.size(), 77u);
  }
}

TEST(PromptChunks, EndBehindACommaThatIsNear) {
  EXPECT_THAT(sizes(words(55) + "," + words(20)), ElementsAre(56, 20));
  EXPECT_THAT(sizes(words(54) + "," + words(21)), ElementsAre(75, 1));
  EXPECT_THAT(sizes(words(74) + "," + words(1)), ElementsAre(75, 1));
  EXPECT_THAT(sizes(words(60) + "," + words(5) + "," + words(40)), ElementsAre(67, 40));
  EXPECT_THAT(sizes(words(60) + "," + words(14)), ElementsAre(75)) << "all of it fits";
}

TEST(PromptChunks, AreFullWhereTheNextTokenIsAComma) {
  EXPECT_THAT(sizes(words(70) + "," + words(4) + "," + words(3)), ElementsAre(75, 4));
}

TEST(PromptChunks, TheCommaRuleHoldsInEveryChunk) {
  EXPECT_THAT(sizes(words(135) + "," + words(30)), ElementsAre(75, 61, 30));
}

TEST(PromptChunks, BeginAtEachBreak) {
  EXPECT_THAT(sizes("a BREAK a a"), ElementsAre(1, 2));
  EXPECT_THAT(sizes(words(75) + "BREAK a"), ElementsAre(75, 1));
  EXPECT_THAT(sizes("a, BREAK " + words(76)), ElementsAre(2, 75, 1));
  EXPECT_THAT(sizes("BREAK a"), ElementsAre(0, 1));
  EXPECT_THAT(sizes("a BREAK"), ElementsAre(1));
  EXPECT_THAT(sizes("a BREAK BREAK a"), ElementsAre(1, 0, 1));
  EXPECT_THAT(sizes("BREAK"), ElementsAre(0));
  EXPECT_THAT(sizes(""), ElementsAre(0));
}

TEST(PromptChunks, WeighEachTokenWhereverItIsCut) {
  const auto found = chunks("a (" + words(75) + ":2) [a]");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].weights[0], 1.0F);
  EXPECT_EQ(found[0].weights[1], 1.0F);
  EXPECT_EQ(found[0].weights[2], 2.0F);
  EXPECT_EQ(found[0].weights[75], 2.0F);
  EXPECT_EQ(found[0].weights[76], 1.0F);
  EXPECT_EQ(found[1].weights[1], 2.0F);
  EXPECT_FLOAT_EQ(found[1].weights[2], 1 / 1.1F);
  EXPECT_EQ(found[1].weights[3], 1.0F);
}

TEST(PromptChunks, ArePaddedWithTheTokenizersPadding) {
  const auto exclaim = ClipTokenizer::from_folder(VELATURA_FIXTURES "/tokenizer/small_saved");
  const auto found = chunk_prompt(exclaim, parse_weighted_prompt("(a)"), 5);
  ASSERT_EQ(found.size(), 1u);
  ASSERT_NE(exclaim.pad_token_id(), exclaim.eos_token_id());
  EXPECT_THAT(found[0].ids,
              ElementsAre(exclaim.bos_token_id(), exclaim.tokenize("a").front(),
                          exclaim.eos_token_id(), exclaim.pad_token_id(), exclaim.pad_token_id()));
}

TEST(PromptChunks, NeedRoomForAToken) {
  EXPECT_EQ(chunk_prompt(tokenizer(), parse_weighted_prompt("a, a"), 3).size(), 3u);
  EXPECT_THROW(chunk_prompt(tokenizer(), {}, 2), UsageError);
}

}  // namespace
}  // namespace velatura::tokenizer
