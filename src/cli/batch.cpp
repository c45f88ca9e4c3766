#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "batch/journal.h"
#include "batch/plan.h"
#include "batch/run.h"
#include "batch/shard.h"
#include "cli/batch_lines.h"
#include "cli/batch_options.h"
#include "cli/batch_worker.h"
#include "cli/command.h"
#include "cli/output_names.h"
#include "cli/picture_lines.h"
#include "core/environment.h"
#include "core/name_template.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFooter = R"(Examples:
  velatura batch --from-file prompts.txt --steps 25 -o out/
  velatura batch --from-file jobs.jsonl --batch-size 4 --seed 7 --json
  velatura batch --from-file prompts.txt -o out/ --shard 2/8
  velatura batch --from-file prompts.txt --dry-run
  generate_prompts | velatura batch --from-file - -o out/

Lines, each recognised by itself:
  a red circle
  a red circle --negative-prompt blurry --width 512 --steps 20
  a red circle --n blurry --w 512 --h 512 --d 7 --s 20 --l 7.5
  --prompt "a red circle" --cfg_scale 7 --sampler_name "Euler a" --n_iter 2
  {"prompt": "a red circle", "init_images": ["in.png"], "denoising_strength": 0.5}

The same command again makes what is missing: lines that are new or changed, and
pictures that are gone. Ctrl-C finishes the pictures in work, a second one drops
them.)";

constexpr std::size_t kMostErrorsShown = 20;

void report_errors(const std::vector<batch::LineError>& errors, const std::string& file) {
  for (std::size_t i = 0; i < std::min(errors.size(), kMostErrorsShown); ++i) {
    std::cerr << "velatura: " << file << ":" << errors[i].number << ": " << errors[i].reason
              << "\n";
  }
  if (errors.size() > kMostErrorsShown) {
    std::cerr << "velatura: " << file << ": " << errors.size() - kMostErrorsShown
              << " more lines are wrong\n";
  }
}

std::string count(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

/// What is still to be done, and how long it may take.
class Cost {
 public:
  /// @param entry  of the journal, if it has one
  void add(const batch::Picture& picture, int steps, const batch::Entry* entry) {
    if (!picture.done) {
      ++to_make_;
      steps_to_make_ += steps;
    } else {
      ++there_;
      steps_there_ += steps;
      seconds_there_ += entry == nullptr ? 0 : entry->elapsed_s;
    }
  }

  std::string text() const {
    std::string text = count(to_make_, "picture") + " to make, " + std::to_string(there_) +
                       " there; " +
                       count(static_cast<std::size_t>(steps_to_make_), "denoising step");
    if (seconds_there_ > 0 && to_make_ > 0) {
      const double seconds = seconds_there_ / static_cast<double>(steps_there_);
      text += ", about " + clock_text(seconds * static_cast<double>(steps_to_make_)) + " at " +
              number_text(std::round(seconds * 1000) / 1000) + " s each as so far";
    }
    return text;
  }

 private:
  std::size_t to_make_ = 0, there_ = 0;
  std::int64_t steps_to_make_ = 0, steps_there_ = 0;
  double seconds_there_ = 0;
};

/// The run of one command, from its checked lines on.
class BatchRun {
 public:
  BatchRun(const BatchOptions& options, CheckedLines lines)
      : options_(options),
        lines_(std::move(lines)),
        root_(NameTemplate(output_of(options)).root()),
        shard_(batch::choose_shard(options.shard, environment)),
        history_(batch::History::read(root_, batch_name(options))),
        job_file_(options.from_file == "-" ? "-" : fs::absolute(options.from_file).string()) {
    const std::string& before = history_.job_file();
    if (!before.empty() && before != job_file_ && !options_.overwrite) {
      throw UsageError("the pictures in " + (root_.empty() ? "." : root_.string()) +
                       " are those of " + before + ": choose another -o, or --overwrite");
    }
  }

  void show_plan() const {
    const auto pictures = planned(0);
    Cost cost;
    for (const batch::Picture& picture : pictures) {
      const batch::Line& line = lines_.lines[picture.line];
      const batch::Entry* entry = history_.find(picture.id);
      cost.add(picture, line.steps, entry);
      const bool settled = line.seed || entry != nullptr;
      print_line((picture.done ? "there  " : "make   ") + picture.path.string() + "  line " +
                 std::to_string(line.number) + ", " +
                 (settled ? "seed " + std::to_string(picture.seed) : "random seed") + ": " +
                 line.prompt);
    }
    std::cerr << cost.text() << "\n";
  }

  void make() const {
    const InterruptGuard interrupt(FirstInterrupt::finishes);
    check_writable(root_);
    batch::Journal journal(root_, batch_name(options_), job_file_, shard_);
    const auto pictures = planned(journal.random_seed());
    const auto groups = batch::groups_to_make(pictures, lines_.lines, options_.batch_size);
    const auto to_make =
        static_cast<std::size_t>(std::ranges::count(pictures, false, &batch::Picture::done));
    const std::size_t kept = pictures.size() - to_make;
    EventStream events(options_.events);
    BatchWorker worker(options_, lines_, pictures, to_make, journal, events, interrupt);
    ProgressReport& report = worker.report();
    if (!shard_.is_all()) {
      report.say("shard " + shard_.text() +
                 (shard_.source.empty() ? "" : ", from " + shard_.source));
    }
    if (kept > 0) {
      report.say(count(kept, "picture") + " of " + std::to_string(pictures.size()) +
                 " there already");
    }
    const auto tell = [&](const batch::RunResult& result) {
      const std::size_t left = to_make - result.made - result.failed;
      events.write({{"event", "done"},
                    {"made", result.made},
                    {"kept", kept},
                    {"failed", result.failed},
                    {"left", left}});
      report.say(
          count(result.made, "picture") + " made" +
          (left > 0 ? ", " + std::to_string(left) + " left: run the same command again" : ""));
    };
    batch::RunResult result;
    try {
      batch::run(
          groups, [&worker](const auto& group, const auto& made) { worker.make(group, made); },
          options_.fail_fast, worker, result);
    } catch (...) {
      tell(result);
      throw;
    }
    tell(result);
    if (interrupt.finishing() && !result.complete) throw Interrupted();
    if (result.failed > 0 || !lines_.errors.empty()) {
      throw Error(ErrorKind::jobs, count(result.failed + lines_.errors.size(), "job") +
                                       " failed, " + std::to_string(result.made + kept) + " of " +
                                       count(pictures.size(), "picture") + " there");
    }
  }

 private:
  std::vector<batch::Picture> planned(std::uint64_t random_seed) const {
    return batch::plan(
        lines_.lines, history_,
        {.shard = shard_, .random_seed = random_seed, .overwrite = options_.overwrite});
  }

  const BatchOptions& options_;
  CheckedLines lines_;
  fs::path root_;
  batch::Shard shard_;
  batch::History history_;
  std::string job_file_;
};

void run_batch(const BatchOptions& options) {
  if (options.from_file.empty()) throw UsageError("--from-file: a job file is needed");
  if (options.output == "-") throw UsageError("-o -: a batch writes files");
  CheckedLines lines = check_lines(options);
  report_errors(lines.errors, options.from_file);
  if (!lines.errors.empty() && !options.keep_going) {
    throw InputError(options.from_file + ": " + count(lines.errors.size(), "line") +
                     " cannot be made; nothing was done (--keep-going leaves such lines out)");
  }
  const BatchRun run(options, std::move(lines));
  options.dry_run ? run.show_plan() : run.make();
}

}  // namespace

Command add_batch(CLI::App& program) {
  auto options = std::make_shared<BatchOptions>();
  CLI::App* command = program.add_subcommand("batch", "Make the pictures of a job file");
  add_batch_options(*command, *options);
  command->footer(kFooter);
  return {command, [options] { run_batch(*options); }};
}

}  // namespace velatura::cli
