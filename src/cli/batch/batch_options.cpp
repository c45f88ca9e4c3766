#include "cli/batch/batch_options.h"

#include <filesystem>

#include "cli/field_options.h"
#include "cli/options.h"
#include "cli/pictures/picture_tasks.h"
#include "cli/pictures/run_fields.h"
#include "cli/setting_options.h"
#include "request/fields.h"

namespace velatura::cli {

void add_batch_options(CLI::App& command, BatchOptions& options) {
  const std::string group = "Batch";
  add_option(command, group, "file,-f,--from-file", options.from_file,
             "The job file, one job a line, or CSV, TSV, JSON; the option's name may be left out; "
             "'-' reads standard input")
      ->type_name("FILE");
  add_parsed(
      command, group, "--task",
      [&options](const std::string& text) {
        options.defaults.push_back({"task", text});
      },
      "What all lines are, where they do not say it themselves")
      ->type_name("COMMAND")
      ->check(choices_of(picture_tasks()))
      ->default_str("what a line's settings need");
  add_field_option(command, {request::known_field("batch-size"), &options.batch_size});
  add_option(command, group, "--shard", options.shard,
             "Make the I-th of N equal parts of the file; auto/N takes I from a Slurm array or an "
             "indexed Kubernetes job; 1/1 is all")
      ->type_name("I/N")
      ->default_str("the Slurm array's, else all");
  add_flag(command, group, "--dry-run", options.dry_run,
           "Say what would be made from which files, and make nothing; with --json every setting");
  add_flag(command, group, "--keep-going", options.keep_going,
           "Leave out the lines of the file that are wrong");
  add_flag(command, group, "--fail-fast", options.fail_fast, "Stop at the first failure");
  add_flag(command, group, "--overwrite", options.overwrite,
           "Make everything anew, and replace what is there");
  add_option(
      command, "Output", "-o,--output", options.output,
      "FOLDER/, or a name made with {seq} (the picture's place in the file, or the next free "
      "number), {seed}, {index} "
      "(its place in the line), {date}, {prompt} and widths as in {seq:05}")
      ->type_name("PATH")
      ->default_str("outputs/FILE/{seq:05}-{seed}.png");
  add_option(
      command, "Output", "--events", options.events,
      "Write what happens as a line of JSON each to this file or file descriptor, or with '-' to "
      "standard output instead of paths")
      ->type_name("FILE");
  add_models_folder_option(command, options.run.folders.models);
  each_adapter_folder_field(options.run.folders,
                            [&](const request::Field& field, const request::Place& place) {
                              add_field_option(command, {field, place});
                            });
  add_setting_options(command, options.defaults, [](const request::Slot& slot) {
    return slot.field.scope != request::Scope::run && slot.field.name != "output";
  });
  add_report_options(command, options.run);
  add_machine_options(command, options.run);
}

std::string file_name(const BatchOptions& options) {
  return options.from_file == "-" ? "stdin"
                                  : std::filesystem::path(options.from_file).stem().string();
}

std::string output_of(const BatchOptions& options) {
  if (!options.output.empty()) return options.output;
  return "outputs/" + file_name(options) + "/{seq:05}-{seed}.png";
}

}  // namespace velatura::cli
