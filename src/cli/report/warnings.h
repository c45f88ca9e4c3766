#pragma once

#include <string_view>

#include "cli/pictures/picture_options.h"
#include "velatura/progress.h"

namespace velatura::cli {

/// "velatura: warning: …" on stderr.
void print_warning(std::string_view warning);

/// Prints what is warned of before there is a ProgressReport, unless people asked for quiet.
class PrintedWarnings final : public Observer {
 public:
  explicit PrintedWarnings(Verbosity verbosity) : verbosity_(verbosity) {}
  void on_warning(std::string_view warning) override;

 private:
  Verbosity verbosity_;
};

}  // namespace velatura::cli
