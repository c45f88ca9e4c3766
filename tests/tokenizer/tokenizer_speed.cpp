// Prints how many megabytes of text the CLIP tokenizer takes in a second of processor time.
#include <cstdio>
#include <ctime>
#include <string>

#include "tokenizer/clip_tokenizer.h"

namespace {

std::string repeated(const std::string& unit, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += unit;
  return text;
}

// Letters without a pattern, so that no two words are alike.
std::string letters(std::size_t count) {
  std::string text;
  for (std::uint32_t state = 1; text.size() < count; state = state * 1664525u + 1013904223u) {
    text += static_cast<char>('a' + (state >> 24u) % 26);
  }
  return text;
}

}  // namespace

int main() {
  using velatura::tokenizer::ClipTokenizer;
  const auto tokenizer = ClipTokenizer::from_clip_vocabulary(
      VELATURA_MODELS "/clip_vocabulary/bpe_simple_vocab_16e6.txt.gz");
  const struct {
    const char* name;
    std::string text;
  } cases[] = {
      {"prompts",
       repeated("a beautiful painting of a singular lighthouse, trending on artstation. ",
                4 << 20)},
      {"Cyrillic", repeated("съешь ещё этих мягких французских булок, ", 4 << 20)},
      {"Chinese", repeated("你好世界,一只猫坐在月球上,水墨画。", 4 << 20)},
      {"one word of 10,000 letters", letters(10000)},
      {"one word of 100,000 letters", letters(100000)},
      {"one word of 1,000,000 letters", letters(1000000)},
      {"one word of 1,000,000 'a'", std::string(1000000, 'a')},
      {"10,000 combining marks in two orders",
       repeated("\u0323", 10000) + repeated("\u0301", 10000)},
      {"10,000 combining marks, last first", repeated("\u0301", 10000) + repeated("\u0323", 10000)},
  };
  for (const auto& [name, text] : cases) {
    const std::clock_t begin = std::clock();
    const std::size_t tokens = tokenizer.tokenize(text).size();
    const double elapsed = double(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf("%-40s %8.2f MB/s %9zu tokens\n", name, double(text.size()) / 1e6 / elapsed,
                tokens);
  }
}
