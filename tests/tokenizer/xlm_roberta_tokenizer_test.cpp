#include "tokenizer/xlm_roberta_tokenizer.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tokenizer/corpus.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Ids = std::vector<std::int64_t>;

const std::filesystem::path kFolder = VELATURA_FIXTURES "/tokenizer/xlm_roberta";

TEST(XlmRobertaTokenizerParity, Texts) {
  const auto tokenizer = XlmRobertaTokenizer::from_folder(kFolder);
  std::size_t compared = 0;
  for (const nlohmann::json& entry : read_packed_lines("xlm_roberta/texts.jsonl.gz")) {
    const auto text = entry.at(0).get<std::string>();
    EXPECT_EQ(tokenizer.tokenize(text), entry.at(1).get<Ids>()) << entry.at(0);
    ++compared;
  }
  EXPECT_GE(compared, 5000u);
}

TEST(XlmRobertaTokenizer, FramesPadsAndCuts) {
  const auto tokenizer = XlmRobertaTokenizer::from_folder(kFolder);
  const Ids tokens = tokenizer.tokenize("рыжий кот");
  ASSERT_GE(tokens.size(), 2u);
  const Encoding whole = tokenizer.encode("рыжий кот", tokens.size() + 4);
  Ids expected{0};
  expected.insert(expected.end(), tokens.begin(), tokens.end());
  expected.insert(expected.end(), {2, 1, 1});
  EXPECT_EQ(whole.ids, expected);
  EXPECT_EQ(whole.tokens, tokens.size());
  EXPECT_EQ(whole.seen(), tokens.size() + 2);
  EXPECT_EQ(whole.dropped, "");

  const Encoding cut = tokenizer.encode("рыжий кот", 3);
  EXPECT_THAT(cut.ids, ElementsAre(0, tokens[0], 2));
  EXPECT_EQ(cut.tokens, tokens.size());
  EXPECT_EQ(cut.seen(), 3u);
  EXPECT_EQ(tokenizer.encode("рыжий кот", 2).dropped, "рыжий кот");
  EXPECT_THAT(tokenizer.encode("", 4).ids, ElementsAre(0, 2, 1, 1));
}

TEST(XlmRobertaTokenizer, KeepsTheCase) {
  const auto tokenizer = XlmRobertaTokenizer::from_folder(kFolder);
  EXPECT_NE(tokenizer.tokenize("Кот"), tokenizer.tokenize("кот"));
}

TEST(XlmRobertaTokenizer, FindsSpecialTokensInTexts) {
  const auto tokenizer = XlmRobertaTokenizer::from_folder(kFolder);
  const auto mask = static_cast<std::int64_t>(tokenizer.vocab_size()) - 1;
  EXPECT_THAT(tokenizer.tokenize("<s></s> <pad>\n<unk><mask>"), ElementsAre(0, 2, 1, 3, mask));
}

TEST(XlmRobertaTokenizer, RefusesWhatItCannotTake) {
  const auto tokenizer = XlmRobertaTokenizer::from_folder(kFolder);
  EXPECT_THROW(tokenizer.tokenize("\xFF"), InputError);
  EXPECT_THROW(tokenizer.encode("a", 1), UsageError);
  EXPECT_THAT([] { XlmRobertaTokenizer::from_folder(VELATURA_FIXTURES "/tokenizer/small"); },
              ThrowsMessage<InputError>(HasSubstr("small: expected sentencepiece.bpe.model")));
}

}  // namespace
}  // namespace velatura::tokenizer
