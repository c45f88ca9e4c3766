#include <utility>

#include "cli/pictures/picture_command.h"
#include "cli/pictures/picture_options.h"

namespace velatura::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  velatura txt2img "a red circle on a white background" -o circle.png
  velatura txt2img "a blue star" --seed 7 -n 4 -o 'stars/{seed}.png'
  velatura txt2img "a harbour in oil" -m stable-diffusion-2-1 -W 768 -H 768 \
      --sampler "DPM++ 2M Karras" --steps 25 --negative-prompt "blurry"
  echo "a green ring" | velatura txt2img - -o - | display
  velatura txt2img "a red heart" --config defaults.toml --json)";

}  // namespace

PictureCommand add_txt2img(CLI::App& program) {
  auto options = std::make_shared<PictureOptions>();
  auto request = std::make_shared<TextToImage>();
  CLI::App* command = program.add_subcommand("txt2img", "Make pictures from a prompt");
  add_picture_options(*command, *options, *request);
  add_size_options(*command, request->width, request->height, "the model's");
  command->footer(kFooter);
  return {command, [options, request] {
            settle(*options, *request);
            return PictureJob{*options, std::move(*request)};
          }};
}

}  // namespace velatura::cli
