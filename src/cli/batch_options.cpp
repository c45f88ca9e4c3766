#include "cli/batch_options.h"

#include <filesystem>
#include <map>
#include <vector>

#include "cli/options.h"
#include "cli/picture_command.h"
#include "cli/settings_job.h"

namespace velatura::cli {
namespace {

// "-s,--seed": all names of an option, without the place on the command line that a prompt has.
std::string names_of(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += "-" + name + ",";
  for (const std::string& name : option.get_lnames()) names += "--" + name + ",";
  names.pop_back();
  return names;
}

// Takes the text of an option as a default of all lines.
void add_default(CLI::App& command, const CLI::Option& option, batch::Settings& defaults) {
  const std::string name = main_name(option);
  CLI::Option* added = nullptr;
  if (option.get_expected_min() == 0) {
    added = command.add_flag_function(
        names_of(option),
        [&defaults, name](std::int64_t) {
          defaults.push_back({name, "true"});
        },
        option.get_description());
  } else {
    added = command.add_option_function<std::string>(
        names_of(option),
        [&defaults, name](const std::string& text) {
          defaults.push_back({name, text});
        },
        option.get_description());
    added->type_name(option.get_type_name())->default_str(option.get_default_str());
  }
  added->group(option.get_group());
}

// Every option of a picture command that a line may have, once, and what it is where it is not
// given, if the commands agree on that.
void add_defaults(CLI::App& command, batch::Settings& defaults) {
  std::map<std::string, CLI::Option*> known;
  CLI::App program;
  for (const PictureTask& task : picture_tasks()) {
    for (const CLI::Option* option : task.add(program).options->get_options()) {
      const std::string name = main_name(*option);
      if (is_for_the_run(name) || name == "output") continue;
      const auto found = known.find(name);
      if (found == known.end()) {
        add_default(command, *option, defaults);
        known[name] = command.get_option("--" + name);
      } else if (found->second->get_default_str() != option->get_default_str()) {
        found->second->default_str("as in its command");
      }
    }
  }
}

}  // namespace

void add_batch_options(CLI::App& command, BatchOptions& options) {
  const std::string group = "Batch";
  add_option(command, group, "file,-f,--from-file", options.from_file,
             "The job file, one job a line; the option's name may be left out; '-' reads standard "
             "input")
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
  add_batch_size_option(command, options.batch_size);
  add_option(command, group, "--shard", options.shard,
             "Make the I-th of N equal parts of the file; auto/N takes I from a Slurm array or an "
             "indexed Kubernetes job; 1/1 is all")
      ->type_name("I/N")
      ->default_str("the Slurm array's, else all");
  add_flag(command, group, "--dry-run", options.dry_run,
           "Say what would be made, and make nothing");
  add_flag(command, group, "--keep-going", options.keep_going,
           "Leave out the lines of the file that are wrong");
  add_flag(command, group, "--fail-fast", options.fail_fast, "Stop at the first failure");
  add_flag(command, group, "--overwrite", options.overwrite,
           "Make everything anew, and replace what is there");
  add_option(
      command, "Output", "-o,--output", options.output,
      "FOLDER/, or a name made with {seq} (the picture's place in the file), {seed}, {index} "
      "(its place in the line), {date}, {prompt} and widths as in {seq:05}")
      ->type_name("PATH")
      ->default_str("outputs/FILE/{seq:05}-{seed}.png");
  add_option(command, "Output", "--events", options.events,
             "Write what happens as a line of JSON each to this file or file descriptor")
      ->type_name("FILE");
  add_models_folder_option(command, options.run.models_folder);
  add_defaults(command, options.defaults);
  add_report_options(command, options.run);
  add_machine_options(command, options.run);
}

std::string batch_name(const BatchOptions& options) {
  return options.from_file == "-" ? "stdin"
                                  : std::filesystem::path(options.from_file).stem().string();
}

std::string output_of(const BatchOptions& options) {
  if (!options.output.empty()) return options.output;
  return "outputs/" + batch_name(options) + "/{seq:05}-{seed}.png";
}

}  // namespace velatura::cli
