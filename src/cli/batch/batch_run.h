#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "batch/journal.h"
#include "batch/plan.h"
#include "batch/run.h"
#include "batch/shard.h"
#include "cli/batch/batch_lines.h"
#include "cli/batch/batch_options.h"

namespace velatura::cli {

/// The run of a batch, from its checked lines on.
class BatchRun {
 public:
  /// @param options  must outlive this
  /// @throws UsageError for a shard that cannot be, and where the pictures of another job file are
  BatchRun(const BatchOptions& options, CheckedLines lines);

  /// Prints what would be made, and what that would cost. @throws UsageError
  void show_plan() const;

  /// Makes what is missing.
  /// @throws Error of kind jobs if something failed, and what ends a run before its end
  void make() const;

 private:
  batch::History history() const;
  void check_job_file() const;
  std::vector<batch::Picture> planned(const batch::History& history,
                                      std::uint64_t random_seed) const;

  const BatchOptions& options_;
  CheckedLines lines_;
  std::filesystem::path root_;
  batch::Shard shard_;
  std::string job_file_;
};

}  // namespace velatura::cli
