#include "cli/report/warnings.h"

#include <iostream>

namespace velatura::cli {

void print_warning(std::string_view warning) {
  std::cerr << "velatura: warning: " << warning << "\n";
}

void PrintedWarnings::on_warning(std::string_view warning) {
  if (verbosity_ != Verbosity::quiet) print_warning(warning);
}

}  // namespace velatura::cli
