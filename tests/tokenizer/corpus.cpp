#include "tokenizer/corpus.h"

#include <libdeflate.h>

#include <sstream>
#include <stdexcept>

#include "core/read_file.h"

namespace velatura::tokenizer {
namespace {

std::string unpacked(const std::string& packed) {
  std::string text(8u << 20, '\0');
  std::size_t size = 0;
  libdeflate_decompressor* inflate = libdeflate_alloc_decompressor();
  const auto result = libdeflate_gzip_decompress(inflate, packed.data(), packed.size(), text.data(),
                                                 text.size(), &size);
  libdeflate_free_decompressor(inflate);
  if (result != LIBDEFLATE_SUCCESS) throw std::runtime_error("the corpus does not unpack");
  text.resize(size);
  return text;
}

std::string expanded(const nlohmann::json& text) {
  if (text.is_string()) return text.get<std::string>();
  std::string whole;
  for (int i = 0; i < text.at("times").get<int>(); ++i)
    whole += text.at("repeat").get<std::string>();
  return whole + text.at("suffix").get<std::string>();
}

}  // namespace

std::optional<std::vector<std::int64_t>> CorpusEntry::ids(const char* field,
                                                          const char* otherwise) const {
  for (const char* name : {field, otherwise}) {
    if (expected.contains(name)) return expected.at(name).get<std::vector<std::int64_t>>();
  }
  return std::nullopt;
}

std::vector<nlohmann::json> read_packed_lines(const std::string& name) {
  std::istringstream lines(
      unpacked(read_file(std::string(VELATURA_FIXTURES "/tokenizer/") + name, 8u << 20)));
  std::vector<nlohmann::json> values;
  for (std::string line; std::getline(lines, line);) values.push_back(nlohmann::json::parse(line));
  return values;
}

std::vector<CorpusEntry> read_corpus() {
  std::vector<CorpusEntry> corpus;
  for (nlohmann::json& entry : read_packed_lines("corpus.jsonl.gz")) {
    std::string text = expanded(entry.at("text"));
    corpus.push_back({std::move(text), std::move(entry)});
  }
  return corpus;
}

}  // namespace velatura::tokenizer
