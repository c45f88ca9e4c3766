#include "tokenizer/write_tokenizer_folder.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"
#include "tokenizer/clip_vocabulary_file.h"

namespace velatura::tokenizer {
namespace {

class WriteTokenizerFolder : public InTemporaryFolder,
                             public ::testing::WithParamInterface<const char*> {
 protected:
  WriteTokenizerFolder() {
    folder_ = std::filesystem::temp_directory_path() / ("velatura-" + std::to_string(::getpid()));
  }
};

TEST_P(WriteTokenizerFolder, ReadsBackTheSame) {
  SKIP_WITHOUT_VOCABULARY();
  const ClipVocabulary vocabulary = read_clip_vocabulary(kVocabulary, GetParam());
  write_tokenizer_folder(folder_, vocabulary);
  EXPECT_EQ(files(), 4u);
  const ClipVocabulary found = read_tokenizer_folder(folder_);
  EXPECT_EQ(found.ids, vocabulary.ids);
  EXPECT_EQ(found.merges, vocabulary.merges);
  EXPECT_EQ(found.bos_token, vocabulary.bos_token);
  EXPECT_EQ(found.eos_token, vocabulary.eos_token);
  EXPECT_EQ(found.unk_token, vocabulary.unk_token);
  EXPECT_EQ(found.pad_token, vocabulary.pad_token);
  EXPECT_EQ(found.model_max_length, vocabulary.model_max_length);
  const auto flags = [](const ClipVocabulary& of) {
    std::map<std::string, bool> normalized;
    for (const AddedToken& token : of.added_tokens) normalized[token.content] = token.normalized;
    return normalized;
  };
  EXPECT_EQ(flags(found), flags(vocabulary));
}

INSTANTIATE_TEST_SUITE_P(PadTokens, WriteTokenizerFolder, ::testing::Values("<|endoftext|>", "!"));

}  // namespace
}  // namespace velatura::tokenizer
