#include "batch/table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "batch/blanks.h"

namespace velatura::batch {
namespace {

/// Reads one cell after the other.
class Reader {
 public:
  Reader(std::string_view text, char separator) : text_(text), separator_(separator) {}

  Table read() {
    Table table;
    while (at_ < text_.size() && table.broken_line == 0) {
      TableRow row{line_, {}};
      while (read_cell(row.cells)) {
      }
      if (is_broken_) {
        table.broken_line = row.line;
      } else if (std::ranges::any_of(row.cells, [](const auto& cell) { return !cell.empty(); })) {
        table.rows.push_back(std::move(row));
      }
    }
    return table;
  }

 private:
  // True if another cell follows in the row.
  bool read_cell(std::vector<std::string>& cells) {
    while (!at_end_of_cell() && blank_at(text_, at_) > 0) at_ += blank_at(text_, at_);
    cells.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : bare());
    if (!at_end_of_cell()) is_broken_ = true;
    if (is_broken_ || at_ == text_.size()) return false;
    const bool more = text_[at_] == separator_;
    if (!more) ++line_;
    ++at_;
    return more;
  }

  bool at_end_of_cell() const {
    return at_ == text_.size() || text_[at_] == separator_ || text_[at_] == '\n';
  }

  std::string bare() {
    const std::size_t begin = at_;
    while (!at_end_of_cell()) ++at_;
    return std::string(without_blanks_around(text_.substr(begin, at_ - begin)));
  }

  std::string quoted() {
    std::string cell;
    for (++at_;; ++at_) {
      if (at_ == text_.size()) {
        is_broken_ = true;
        return cell;
      }
      if (text_[at_] == '"') {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      cell += text_[at_];
    }
    ++at_;
    while (!at_end_of_cell() && blank_at(text_, at_) > 0) at_ += blank_at(text_, at_);
    return cell;
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool is_broken_ = false;
};

}  // namespace

char separator_of(std::string_view text) {
  constexpr std::array<char, 3> kSeparators{',', ';', '\t'};
  std::array<std::size_t, kSeparators.size()> counts{};
  bool in_quotes = false;
  for (const char c : text.substr(0, text.find('\n'))) {
    if (c == '"') in_quotes = !in_quotes;
    for (std::size_t i = 0; i < kSeparators.size(); ++i)
      if (c == kSeparators[i] && !in_quotes) ++counts[i];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

Table parse_table(std::string_view text, char separator) {
  return Reader(text, separator).read();
}

}  // namespace velatura::batch
