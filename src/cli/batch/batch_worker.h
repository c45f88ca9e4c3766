#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "batch/journal.h"
#include "batch/plan.h"
#include "batch/run.h"
#include "cli/batch/batch_events.h"
#include "cli/batch/batch_lines.h"
#include "cli/report/preview.h"
#include "cli/report/progress_report.h"
#include "core/name_claims.h"
#include "generator/resident_generator.h"

namespace velatura::cli {

/// Makes the pictures of a batch: keeps one model resident, writes files, journal, events and what
/// people see.
class BatchWorker final : public batch::RunObserver, private Observer {
 public:
  /// All of it must outlive the worker.
  /// @param pictures  which get other names where others have taken theirs
  /// @param to_make   pictures that the run will make
  BatchWorker(const BatchOptions& options, const CheckedLines& lines,
              std::vector<batch::Picture>& pictures, std::size_t to_make, batch::Journal& journal,
              EventStream& events, const InterruptGuard& interrupt);

  /// As batch::MakeGroup.
  void make(const std::vector<std::size_t>& group, const std::function<void(std::size_t)>& made);

  void on_retry(std::size_t picture, const std::string& reason) override;
  void on_failed(std::size_t picture, const std::string& reason) override;
  bool stopped() override { return interrupt_.finishing(); }

  ProgressReport& report() { return report_; }

 private:
  void on_progress(const Progress& progress) override;
  void on_warning(std::string_view warning) override;
  bool cancelled() override { return report_.cancelled(); }

  Generator& load(const std::string& model, const PictureOptions& options);
  void reserve(std::size_t picture);
  void rename(std::size_t picture);
  void write(std::size_t picture, std::span<const std::byte> bytes);
  void save(std::size_t picture, const Picture& result);
  const batch::Line& line_of(std::size_t picture) const {
    return lines_.lines[pictures_[picture].line];
  }
  batch::Entry entry(std::size_t picture) const;
  nlohmann::ordered_json event(const char* name, std::size_t picture) const;

  const BatchOptions& options_;
  const CheckedLines& lines_;
  std::vector<batch::Picture>& pictures_;
  batch::Journal& journal_;
  NameClaims claims_;
  std::uint64_t next_free_;  ///< number, for pictures whose names are taken
  EventStream& events_;
  const InterruptGuard& interrupt_;
  ProgressReport report_;
  Preview preview_;
  ResidentGenerator generator_;
  std::optional<std::string> model_;  ///< that was last looked for, as batch::Line::model
  ModelOptions located_;              ///< where it is
  std::vector<std::size_t> group_;    ///< in work
  std::set<std::string, std::less<>> warnings_;  ///< that were told: pictures share most of them
  int made_ = 0;
};

}  // namespace velatura::cli
