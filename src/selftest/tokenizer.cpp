#include <algorithm>
#include <array>

#include "core/data_files.h"
#include "selftest/checks.h"
#include "tokenizer/clip_tokenizer.h"
#include "velatura/error.h"

namespace velatura::selftest {
namespace {

constexpr const char* kVocabulary = "clip_vocabulary/bpe_simple_vocab_16e6.txt.gz";
constexpr const char* kText = "a photo of an astronaut riding a horse on mars";
constexpr auto kIds =
    std::to_array<std::int64_t>({320, 1125, 539, 550, 18376, 6765, 320, 4558, 525, 7496});

}  // namespace

Finding check_tokenizer(at::Device) {
  std::filesystem::path file;
  try {
    file = find_data_file(kVocabulary);
  } catch (const InputError&) {
    return skipped("CLIP's vocabulary is not beside the program");
  }
  const auto ids = tokenizer::ClipTokenizer::from_clip_vocabulary(file).tokenize(kText);
  if (!std::ranges::equal(ids, kIds)) {
    std::string found;
    for (const std::int64_t id : ids) found += " " + std::to_string(id);
    return failed("the ids of \"" + std::string(kText) + "\" are" + found);
  }
  return passed(std::to_string(kIds.size()) + " known ids from CLIP's vocabulary");
}

}  // namespace velatura::selftest
