#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tokenizer/clip_tokenizer.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

// A tokenizer folder of a few tokens that a test may break.
class TokenizerFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    write("vocab.json", vocabulary_.dump());
    write("merges.txt", "#version: 0.2\na b</w>\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const char* name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  void expect_refused(const std::string& reason) {
    try {
      ClipTokenizer::from_folder(folder_);
      FAIL() << "accepted; expected: " << reason;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(reason));
      EXPECT_THAT(error.what(), HasSubstr(folder_.string()));
    }
  }

  json tokenizer_json() const {
    return {{"added_tokens", json::array()},
            {"model",
             {{"type", "BPE"},
              {"end_of_word_suffix", "</w>"},
              {"vocab", vocabulary_},
              {"merges", json::array({json::array({"a", "b</w>"})})}}}};
  }

  fs::path folder_ =
      fs::temp_directory_path() / ("velatura-tokenizer-" + std::to_string(::getpid()) + "-" +
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
  json vocabulary_ = {{"a", 0},      {"b", 1}, {"a</w>", 2},           {"b</w>", 3},
                      {"ab</w>", 4}, {"!", 5}, {"<|startoftext|>", 6}, {"<|endoftext|>", 7}};
};

TEST_F(TokenizerFolder, RefusesMergesThatAreCutShort) {
  write("merges.txt", "#version: 0.2\n");
  expect_refused("no merge makes the token ab</w> of the vocabulary");
}

TEST_F(TokenizerFolder, ReadsVocabularyAndMerges) {
  const auto tokenizer = ClipTokenizer::from_folder(folder_);
  EXPECT_THAT(tokenizer.encode("AB ba", 7).ids, ElementsAre(6, 4, 1, 2, 7, 7, 7));
  EXPECT_EQ(tokenizer.model_max_length(), std::nullopt);
}

TEST_F(TokenizerFolder, TakesSpecialTokensFromTheConfig) {
  write("tokenizer_config.json", R"({"pad_token": "!", "model_max_length": 12})");
  const auto tokenizer = ClipTokenizer::from_folder(folder_);
  EXPECT_EQ(tokenizer.pad_token_id(), 5);
  EXPECT_EQ(tokenizer.model_max_length(), 12u);
  EXPECT_THAT(tokenizer.tokenize("ab!"), ElementsAre(4, 5));
}

TEST_F(TokenizerFolder, LetsTheSpecialTokensMapWin) {
  write("tokenizer_config.json", R"({"pad_token": "a"})");
  write("special_tokens_map.json", R"({"pad_token": {"content": "!", "normalized": false}})");
  EXPECT_EQ(ClipTokenizer::from_folder(folder_).pad_token_id(), 5);
}

TEST_F(TokenizerFolder, LetsAddedTokensDecoderWinOverTheMap) {
  write("tokenizer_config.json",
        R"({"pad_token": "!", "added_tokens_decoder": {"5": {"content": "!"}}})");
  write("special_tokens_map.json", R"({"pad_token": "a"})");
  EXPECT_EQ(ClipTokenizer::from_folder(folder_).pad_token_id(), 5);
}

TEST_F(TokenizerFolder, GivesAddedTokensTheNextId) {
  write("added_tokens.json", R"({"<cat-toy>": 8})");
  const auto tokenizer = ClipTokenizer::from_folder(folder_);
  EXPECT_THAT(tokenizer.tokenize("ab<cat-toy>ab"), ElementsAre(4, 8, 4));
  EXPECT_EQ(tokenizer.vocab_size(), 9u);
}

TEST_F(TokenizerFolder, ReadsTokenizerJsonAlone) {
  fs::remove(folder_ / "vocab.json");
  fs::remove(folder_ / "merges.txt");
  json file = tokenizer_json();
  write("tokenizer.json", file.dump());
  EXPECT_THAT(ClipTokenizer::from_folder(folder_).tokenize("ab"), ElementsAre(4));
  file["model"]["merges"] = json::array({"a b</w>"});  // as before tokenizers 0.20
  write("tokenizer.json", file.dump());
  EXPECT_THAT(ClipTokenizer::from_folder(folder_).tokenize("ab"), ElementsAre(4));
}

TEST_F(TokenizerFolder, RefusesOtherKindsOfTokenizer) {
  json file = tokenizer_json();
  file["model"]["type"] = "Unigram";
  write("tokenizer.json", file.dump());
  expect_refused("type is \"Unigram\"");
  file = tokenizer_json();
  file["model"]["end_of_word_suffix"] = "_";
  write("tokenizer.json", file.dump());
  expect_refused("end_of_word_suffix");
  file = tokenizer_json();
  file["model"]["ignore_merges"] = true;
  write("tokenizer.json", file.dump());
  expect_refused("ignore_merges");
}

TEST_F(TokenizerFolder, RefusesWhatIsMissing) {
  fs::remove(folder_ / "merges.txt");
  expect_refused("expected tokenizer.json, or vocab.json and merges.txt");
}

TEST_F(TokenizerFolder, RefusesBrokenTables) {
  write("merges.txt", "a b c\n");
  expect_refused("merges.txt:1: expected two tokens");
  write("merges.txt", "a b</w>\nb b\n");
  expect_refused("no token bb");
  write("merges.txt", "");
  write("vocab.json", R"({"a": 0, "b": 0, "<|startoftext|>": 1, "<|endoftext|>": 2})");
  expect_refused("have the same id 0");
  write("vocab.json", R"({"a": -1, "<|startoftext|>": 1, "<|endoftext|>": 2})");
  expect_refused("has id -1");
  write("vocab.json", R"({"a": 1099511627776, "<|startoftext|>": 1, "<|endoftext|>": 2})");
  expect_refused("has id 1099511627776");
  write("vocab.json", R"({"a": "x"})");
  expect_refused("id is \"x\"");
  write("vocab.json", R"(["a"])");
  expect_refused("expected an object");
}

TEST_F(TokenizerFolder, RefusesSpecialTokensItCannotHonour) {
  write("tokenizer_config.json", R"({"pad_token": {"content": "!", "lstrip": true}})");
  expect_refused("lstrip");
  write("tokenizer_config.json", R"({"padding_side": "left"})");
  expect_refused("padding_side");
  write("tokenizer_config.json", R"({"added_tokens_decoder": {"3": {"content": "!"}}})");
  expect_refused("added token \"!\" has id 3, expected 5");
}

TEST(ClipVocabularyFile, RefusesWhatIsNoVocabulary) {
  const fs::path path =
      fs::temp_directory_path() / ("velatura-no-gzip-" + std::to_string(::getpid()));
  for (const std::string& bytes : {std::string(), std::string("short"), std::string(64, 'x')}) {
    std::ofstream(path, std::ios::trunc) << bytes;
    EXPECT_THROW(ClipTokenizer::from_clip_vocabulary(path), InputError);
  }
  fs::remove(path);
  EXPECT_THROW(ClipTokenizer::from_clip_vocabulary(path), InputError);
}

}  // namespace
}  // namespace velatura::tokenizer
