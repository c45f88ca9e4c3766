#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace velatura::tokenizer {

/// One text of tests/fixtures/tokenizer/corpus.jsonl.gz with what transformers makes of it; the
/// script that writes the corpus says what the fields are.
struct CorpusEntry {
  std::string text;
  nlohmann::json expected;

  /// The ids of the first of these fields that is there.
  std::optional<std::vector<std::int64_t>> ids(const char* field, const char* otherwise) const;
};

std::vector<CorpusEntry> read_corpus();

/// The values of a gzipped file with one a line. @param name  within tests/fixtures/tokenizer
std::vector<nlohmann::json> read_packed_lines(const std::string& name);

}  // namespace velatura::tokenizer
