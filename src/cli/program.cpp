#include "cli/program.h"

#include <algorithm>
#include <iostream>
#include <vector>

#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/help/help.h"
#include "cli/help/topics.h"
#include "cli/options.h"
#include "cli/pictures/picture_command.h"
#include "cli/report/failure.h"
#include "core/text.h"
#include "velatura/error.h"
#include "velatura/generator.h"

namespace velatura::cli {
namespace {

// What CLI11 could not place, in the words of someone who can mend it.
[[noreturn]] void reject_extra(const CLI::App& app, const std::vector<std::string>& extras,
                               const std::vector<Command>& commands) {
  const auto option = std::find_if(extras.begin(), extras.end(), [](const auto& word) {
    return word.size() > 1 && word[0] == '-';
  });
  if (option != extras.end()) {
    const std::string name = option->substr(0, option->find('='));
    throw UsageError("unknown option " + name + suggestion(name, option_names(app)));
  }
  if (app.get_parent() != nullptr) {
    throw UsageError("unexpected argument '" + extras.front() +
                     "': a prompt of several words needs quotes");
  }
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.options->get_name());
  throw UsageError("unknown command '" + extras.front() + "'" + suggestion(extras.front(), names));
}

void flush_stdout() {
  if (!std::cout.flush()) throw OutputError("standard output cannot be written");
}

Command runnable(const PictureCommand& command) {
  return {command.options, [job = command.job] { make_pictures(job()); }};
}

void run_program(int argc, const char* const* argv) {
  CLI::App program("velatura makes pictures from text with Stable Diffusion models.", "velatura");
  program.set_help_flag("-h,--help", "Show this help, or that of a command, and exit");
  program.set_version_flag(
      "--version", [] { return version_text(); },
      "Show build, libtorch, CUDA and devices, and exit");
  program.formatter(std::make_shared<HelpFormatter>());
  program.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  program.require_subcommand(0, 1);  // a prompt may be a word that names a command, too
  program.allow_extras();
  program.footer(program_footer());
  std::vector<Command> commands;
  for (const PictureTask& task : picture_tasks())
    commands.push_back(runnable(add_picture_command(program, task)));
  for (const auto add : {add_batch, add_replay, add_verify, add_convert, add_info, add_samplers,
                         add_selftest, add_man, add_completion, add_help}) {
    commands.push_back(add(program));
  }
  for (const Command& command : commands) command.options->group("Commands");

  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << program.help();
    return;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();
    throw UsageError(message.substr(0, message.find(':')) + ": a value is missing");
  }

  const auto chosen = std::find_if(commands.begin(), commands.end(), [](const Command& command) {
    return command.options->parsed();
  });
  const CLI::App& reader = chosen == commands.end() ? program : *chosen->options;
  for (const CLI::App* app : {static_cast<const CLI::App*>(&program), &reader}) {
    if (const auto extras = app->remaining(); !extras.empty())
      reject_extra(reader, extras, commands);
  }
  if (chosen == commands.end())
    throw UsageError("no command given: txt2img makes a picture from a prompt");
  apply_config_files(*chosen->options);
  chosen->run();
}

}  // namespace

int run(int argc, const char* const* argv) {
  try {
    run_program(argc, argv);
    flush_stdout();
    return 0;
  } catch (...) {
    return report_failure();
  }
}

}  // namespace velatura::cli
