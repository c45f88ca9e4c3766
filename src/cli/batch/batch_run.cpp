#include "cli/batch/batch_run.h"

#include <algorithm>
#include <iostream>
#include <set>

#include "cli/batch/batch_cost.h"
#include "cli/batch/batch_events.h"
#include "cli/batch/batch_worker.h"
#include "cli/batch/plan_report.h"
#include "cli/pictures/output_names.h"
#include "cli/pictures/picture_lines.h"
#include "core/device.h"
#include "core/environment.h"
#include "core/name_claims.h"
#include "core/name_template.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;

/// The pictures of a run, counted.
struct Counts {
  std::size_t kept, to_make;
};

std::set<fs::path> folders_of(const std::vector<batch::Picture>& pictures) {
  std::set<fs::path> folders;
  for (const batch::Picture& picture : pictures) folders.insert(picture.path.parent_path());
  return folders;
}

void tell_beginning(const Counts& counts, const batch::Shard& shard, ProgressReport& report) {
  if (!shard.is_all()) {
    report.say("shard " + shard.text() + (shard.source.empty() ? "" : ", from " + shard.source));
  }
  if (counts.kept > 0) {
    report.say(count(counts.kept, "picture") + " of " +
               std::to_string(counts.kept + counts.to_make) + " there already");
  }
}

void tell_end(const Counts& counts, const batch::RunResult& result, EventStream& events,
              ProgressReport& report) {
  const std::size_t left = counts.to_make - result.made - result.failed;
  events.write({{"event", "done"},
                {"made", result.made},
                {"kept", counts.kept},
                {"failed", result.failed},
                {"left", left}});
  report.say(count(result.made, "picture") + " made" +
             (left > 0 ? ", " + std::to_string(left) + " left: run the same command again" : ""));
}

}  // namespace

BatchRun::BatchRun(const BatchOptions& options, CheckedLines lines)
    : options_(options),
      lines_(std::move(lines)),
      root_(NameTemplate(output_of(options)).root()),
      shard_(batch::choose_shard(options.shard, environment)),
      job_file_(options.from_file == "-" ? "-" : fs::absolute(options.from_file).string()) {
  check_job_file();
}

void BatchRun::check_job_file() const {
  const std::string before = history().job_file();
  if (!before.empty() && before != job_file_ && !options_.overwrite) {
    throw UsageError("the pictures in " + (root_.empty() ? "." : root_.string()) +
                     " are those of " + before + ": choose another -o, or --overwrite");
  }
}

void BatchRun::show_plan() const {
  const batch::History known = history();
  const auto pictures = planned(known, 0);
  BatchCost cost;
  PlanReport report(options_, lines_);
  for (const batch::Picture& picture : pictures) {
    const batch::Line& line = lines_.lines[picture.line];
    const batch::Entry* entry = known.find(picture.id);
    cost.add(picture, line.steps, entry);
    report.tell(picture, line.seed || entry != nullptr);
  }
  report.tell_files();
  std::cerr << cost.text() << "\n";
}

void BatchRun::make() const {
  const InterruptGuard interrupt(FirstInterrupt::finishes);
  choose_placement(options_.run.machine.device, options_.run.machine.dtype);  // or none can be made
  EventStream events(options_.events);
  check_writable(root_);
  batch::Journal journal(root_, lines_.name, job_file_, shard_);
  check_job_file();  // another run may have been first
  auto pictures = planned(history(), journal.random_seed());
  for (const fs::path& folder : folders_of(pictures)) check_writable(folder);
  const auto groups = batch::groups_to_make(pictures, lines_.lines, options_.batch_size);
  const auto kept =
      static_cast<std::size_t>(std::ranges::count(pictures, true, &batch::Picture::done));
  const Counts counts{kept, pictures.size() - kept};
  BatchWorker worker(options_, lines_, pictures, counts.to_make, journal, events, interrupt);
  tell_beginning(counts, shard_, worker.report());
  batch::RunResult result;
  try {
    batch::run(
        groups, [&worker](const auto& group, const auto& made) { worker.make(group, made); },
        options_.fail_fast, worker, result);
  } catch (...) {
    tell_end(counts, result, events, worker.report());
    throw;
  }
  tell_end(counts, result, events, worker.report());
  // What killed runs have reserved said whose the files are that they had no time to record. Now
  // all are recorded.
  if (result.complete)
    for (const fs::path& folder : folders_of(pictures)) NameClaims::sweep(folder, journal.tag());
  if (interrupt.finishing() && !result.complete) throw Interrupted();
  const std::size_t failed = result.failed + lines_.errors.size();
  if (failed > 0) {
    throw Error(ErrorKind::jobs, count(failed, "job") + " failed, " +
                                     std::to_string(result.made + counts.kept) + " of " +
                                     count(pictures.size(), "picture") + " there");
  }
}

batch::History BatchRun::history() const {
  return batch::History::read(root_, lines_.name);
}

std::vector<batch::Picture> BatchRun::planned(const batch::History& history,
                                              std::uint64_t random_seed) const {
  return batch::plan(
      lines_.lines, history,
      {.shard = shard_, .random_seed = random_seed, .overwrite = options_.overwrite});
}

}  // namespace velatura::cli
