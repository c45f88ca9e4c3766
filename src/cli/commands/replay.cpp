#include "cli/command.h"
#include "cli/field_options.h"
#include "cli/options.h"
#include "cli/pictures/run_fields.h"
#include "cli/recipe_job.h"
#include "cli/report/warnings.h"
#include "cli/setting_options.h"

namespace velatura::cli {
namespace {

constexpr const char* kReplayFooter = R"(Examples:
  velatura replay cat.png -o again.png
  velatura replay cat.png --steps 40 --seed 8
  velatura replay oil.png --image photo.jpg --strength 0.4 -n 4 -o oil/
  velatura replay from-a-web-ui.png -m sd15.safetensors

The picture says how it was made, in velatura's words or those of another program
(velatura info shows them); options say what is to be different. Pictures that
went into it are not in it: give them again. It is computed where --device says,
not where it was.)";

struct ReplayOptions {
  std::string picture;
  batch::Settings overrides;
};

void replay(const ReplayOptions& options) {
  const recipe::Recipe recipe = recipe::read_recipe(options.picture);
  RecipeJob again = recipe_job(options.picture, recipe, options.overrides);
  if (const std::string other = other_model(recipe, again.job.options); !other.empty())
    again.warnings.push_back(options.picture + ": " + other);
  if (again.job.options.verbosity() != Verbosity::quiet) {
    for (const std::string& warning : again.warnings) print_warning(warning);
  }
  make_pictures(again.job);
}

}  // namespace

Command add_replay(CLI::App& program) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command =
      program.add_subcommand("replay", "Make a picture again from what is written in it");
  add_option(*command, "Input", "picture,--picture", options->picture,
             "The picture, with the texts that it was written with")
      ->type_name("PICTURE")
      ->required();
  add_setting_options(*command, options->overrides,
                      [](const request::Slot& slot) { return !is_of_config(slot.field); });
  add_config_options(*command);
  command->footer(kReplayFooter);
  return {command, [options] { replay(*options); }};
}

}  // namespace velatura::cli
