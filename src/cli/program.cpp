#include "cli/program.h"

#include <algorithm>
#include <iostream>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/help/help.h"
#include "cli/help/topics.h"
#include "cli/options.h"
#include "cli/pictures/picture_command.h"
#include "cli/report/failure.h"
#include "cli/unplaced_words.h"
#include "velatura/error.h"
#include "velatura/generator.h"

namespace velatura::cli {
namespace {

std::vector<const CLI::App*> options_of(const std::vector<Command>& commands) {
  std::vector<const CLI::App*> all;
  for (const Command& command : commands) all.push_back(command.options);
  return all;
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
  CLI::App& reader = chosen == commands.end() ? program : *chosen->options;
  for (const CLI::App* app :
       {static_cast<const CLI::App*>(&program), static_cast<const CLI::App*>(&reader)}) {
    auto words = app->remaining();
    std::erase(words, "--");
    if (!words.empty()) refuse_unplaced(reader, words, options_of(commands));
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
    const std::vector<std::string_view> words(argv, argv + argc);
    return report_failure(std::ranges::find(words, "--json") != words.end());
  }
}

}  // namespace velatura::cli
