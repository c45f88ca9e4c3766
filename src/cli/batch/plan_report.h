#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "batch/plan.h"
#include "cli/batch/batch_lines.h"
#include "cli/batch/batch_options.h"
#include "generator/request_checker.h"

namespace velatura::cli {

/// What --dry-run says on stdout: a line a picture, and then the files that are read; with --json
/// an object a picture, with all its settings and files.
class PlanReport {
 public:
  /// Both must outlive it.
  PlanReport(const BatchOptions& options, const CheckedLines& lines)
      : options_(options), lines_(lines) {}

  /// @param seed_is_known  else the run will draw it. @throws UsageError, InputError
  void tell(const batch::Picture& picture, bool seed_is_known);

  /// After the last picture.
  void tell_files() const;

 private:
  void tell_json(const batch::Picture& picture, bool seed_is_known);
  RequestChecker& checker_for(const std::string& model, const ModelOptions& located);

  const BatchOptions& options_;
  const CheckedLines& lines_;
  std::map<std::string, RequestChecker> checkers_;  ///< by batch::Line::model
  std::vector<std::string> files_;                  ///< that are read, each once
  std::set<std::size_t> told_;                      ///< lines whose files are among them
};

}  // namespace velatura::cli
