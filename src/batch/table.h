#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace velatura::batch {

/// A row of a table in text, its cells without their quotes.
struct TableRow {
  int line;  ///< where it begins, from 1
  std::vector<std::string> cells;
};

struct Table {
  std::vector<TableRow> rows;
  int broken_line = 0;  ///< where the text stops being a table; 0: nowhere
};

/// Which of , ; and tab stands between the cells of the first row; ',' if none does.
char separator_of(std::string_view text);

/// Reads CSV or TSV (RFC 4180): cells may stand between quotes, and hold separators, line ends and
/// doubled quotes then; blanks around cells are none of theirs. Blank rows are left out. A quote
/// that is never closed, and text behind a closed one, end the table.
/// @param text  with line ends \n
Table parse_table(std::string_view text, char separator);

}  // namespace velatura::batch
