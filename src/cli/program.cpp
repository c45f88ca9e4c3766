#include "cli/program.h"

#include <algorithm>
#include <iostream>
#include <vector>

#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/failure.h"
#include "cli/help.h"
#include "cli/options.h"
#include "core/text.h"
#include "velatura/error.h"
#include "velatura/generator.h"

namespace velatura::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  velatura txt2img "a red circle on a white background" -o circle.png
  velatura txt2img "a lighthouse" -m sd15.safetensors --steps 25 -n 4 -o dawn/
  velatura img2img "a lighthouse in oil" --image photo.jpg --strength 0.6 -o oil.png
  velatura convert sd15.safetensors -o sd15/
  velatura info sd15.safetensors
  velatura selftest --device cuda
  velatura txt2img --help

Environment:
  VELATURA_MODEL   the model used when -m is not given
  VELATURA_MODELS  a web UI's models folder, used when --models-dir is not given
  VELATURA_DATA    the folder of bundled models, where it is not beside the program
  HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME
                   where the local cache of the Hugging Face hub is, as for its
                   own tools; nothing is ever downloaded

Exit codes: 0 done, 1 a defect in velatura, 2 wrong usage, 3 unusable input or
model, 5 out of memory or no such device, 6 output could not be written, 130 and
143 interrupted.)";

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? "" : ", did you mean '" + near + "'?";
}

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

void run_program(int argc, const char* const* argv) {
  CLI::App program("velatura makes pictures from text with Stable Diffusion models.", "velatura");
  program.set_help_flag("-h,--help", "Show this help, or that of a command, and exit");
  program.set_version_flag(
      "--version", [] { return version_text(); },
      "Show build, libtorch, CUDA and devices, and exit");
  program.formatter(std::make_shared<HelpFormatter>());
  program.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  program.allow_extras();
  program.footer(kFooter);
  const std::vector<Command> commands = {
      add_txt2img(program),   add_img2img(program),  add_inpaint(program),
      add_depth2img(program), add_upscale(program),  add_convert(program),
      add_info(program),      add_samplers(program), add_selftest(program)};
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
  apply_config_file(*chosen->options);
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
