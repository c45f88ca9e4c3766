#include "tokenizer/clip_vocabulary.h"

#include <libdeflate.h>

#include <cstdint>
#include <memory>

#include "core/read_file.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/limits.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

constexpr std::size_t kMerges = 48894;  // 49,408 tokens less 2 · 256 bytes less 2 special tokens

std::string gunzip(const std::string& packed, const std::string& where) {
  if (packed.size() < 18) throw InputError(where + ": not a gzip file");
  std::uint32_t size = 0;  // RFC 1952: the last four bytes, little endian
  for (std::size_t i = 0; i < 4; ++i) {
    size |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(packed[packed.size() - 4 + i]))
            << (8 * i);
  }
  if (size > kLargestFile) throw InputError(where + ": unpacks to more than 64 MiB");
  std::string text(size, '\0');
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflate(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (libdeflate_gzip_decompress(inflate.get(), packed.data(), packed.size(), text.data(), size,
                                 nullptr) != LIBDEFLATE_SUCCESS) {
    throw InputError(where + ": not a gzip file, or a damaged one");
  }
  return text;
}

}  // namespace

Merges parse_merges(std::string_view text, std::size_t first_line, std::size_t most,
                    const std::string& where) {
  Merges merges;
  for (std::size_t line = 1; !text.empty() && merges.size() < most; ++line) {
    const std::size_t end = text.find('\n');
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line < first_line || entry.empty() || entry.starts_with("#version")) continue;
    const std::size_t blank = entry.find(' ');
    if (blank == 0 || blank >= entry.size() - 1 || entry.find(' ', blank + 1) != entry.npos) {
      throw InputError(where + ":" + std::to_string(line) + ": expected two tokens, found \"" +
                       std::string(entry.substr(0, 80)) + "\"");
    }
    merges.emplace_back(entry.substr(0, blank), entry.substr(blank + 1));
  }
  return merges;
}

ClipVocabulary read_clip_vocabulary(const std::filesystem::path& file,
                                    const std::string& pad_token) {
  ClipVocabulary vocabulary;
  vocabulary.where = file.string();
  const std::string text = gunzip(read_file(file, kLargestFile), vocabulary.where);
  vocabulary.merges = parse_merges(text, 2, kMerges, vocabulary.where);
  if (vocabulary.merges.size() != kMerges) {
    throw InputError(vocabulary.where + ": " + std::to_string(vocabulary.merges.size()) +
                     " merges, expected " + std::to_string(kMerges));
  }

  std::vector<std::string> tokens;
  // The printable bytes come first, then the others, each in order.
  for (const bool other : {false, true}) {
    for (int byte = 0; byte < 256; ++byte) {
      const std::string symbol = printable(static_cast<std::uint8_t>(byte));
      const bool moved = symbol >= printable(0);  // byte 0 is the first that is
      if (moved == other) tokens.push_back(symbol);
    }
  }
  for (std::size_t i = 0; i < 256; ++i) tokens.push_back(tokens[i] + "</w>");
  for (const auto& [left, right] : vocabulary.merges) tokens.push_back(left + right);
  vocabulary.bos_token = "<|startoftext|>";
  vocabulary.eos_token = vocabulary.unk_token = "<|endoftext|>";
  vocabulary.pad_token = pad_token;
  tokens.push_back(vocabulary.bos_token);
  tokens.push_back(vocabulary.eos_token);
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    vocabulary.ids.emplace(tokens[id], static_cast<std::int64_t>(id));
  }
  for (const auto& token : {vocabulary.bos_token, vocabulary.eos_token, pad_token}) {
    const auto found = vocabulary.ids.find(token);
    if (found == vocabulary.ids.end()) {
      throw InputError(vocabulary.where + ": no token \"" + token + "\"");
    }
    // As the SD 1.x tokenizers on the hub: the padding token is found in the text as it stands.
    vocabulary.added_tokens.push_back({token, found->second, token != pad_token});
  }
  vocabulary.model_max_length = 77;
  return vocabulary;
}

}  // namespace velatura::tokenizer
