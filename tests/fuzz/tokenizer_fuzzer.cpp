#include "fuzz/fuzzer.h"
#include "tokenizer/clip_tokenizer.h"

using namespace velatura;

namespace {

const char* const kFiles[] = {"vocab.json",
                              "merges.txt",
                              "tokenizer.json",
                              "tokenizer_config.json",
                              "special_tokens_map.json",
                              "added_tokens.json"};

}  // namespace

// The files of a tokenizer folder, one behind another, separated by NUL; an empty one is not there.
void fuzz(testing::Input input) {
  static const testing::MemoryFolder folder;
  std::string_view rest = input.text();
  for (const char* name : kFiles) {
    const auto end = std::min(rest.find('\0'), rest.size());
    if (end == 0) {
      std::filesystem::remove(folder.path() / name);
    } else {
      folder.write(name, rest.substr(0, end));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  testing::accepts_or_refuses([&] {
    const auto tokenizer = tokenizer::ClipTokenizer::from_folder(folder.path());
    tokenizer.encode("a red cat, 12 caf\xC3\xA9s <|endoftext|>", 77);
  });
}
