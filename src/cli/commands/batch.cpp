#include <algorithm>
#include <iostream>

#include "cli/batch/batch_cost.h"
#include "cli/batch/batch_lines.h"
#include "cli/batch/batch_options.h"
#include "cli/batch/batch_run.h"
#include "cli/command.h"
#include "cli/report/warnings.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

constexpr const char* kBatchFooter = R"(Examples:
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
  # a comment; a prompt that begins with # is written --prompt "# one"
JSON arrays, CSV and TSV with a first row of names: see 'velatura help jobs'.

The same command again makes what is missing: lines that are new or changed, and
pictures that are gone. Other runs may write into the same folder; their pictures
stay. Ctrl-C finishes the pictures in work, a second one drops them.)";

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

void run_batch(const BatchOptions& options) {
  if (options.from_file.empty()) throw UsageError("--from-file: a job file is needed");
  if (options.events == "-" && options.run.json)
    throw UsageError("--events - and --json both need standard output");
  if (options.output == "-") throw UsageError("-o -: a batch writes files");
  PrintedWarnings warnings(options.run.verbosity());
  CheckedLines lines = check_lines(options, &warnings);
  report_errors(lines.errors, options.from_file);
  if (!lines.errors.empty() && !options.keep_going) {
    const bool on_this_machine = std::ranges::all_of(
        lines.errors, [](const auto& error) { return error.kind == ErrorKind::resource; });
    throw Error(on_this_machine ? ErrorKind::resource : ErrorKind::input,
                options.from_file + ": " + count(lines.errors.size(), "line") +
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
  command->footer(kBatchFooter);
  return {command, [options] { run_batch(*options); }};
}

}  // namespace velatura::cli
