#include <utility>

#include "cli/commands/image_options.h"
#include "cli/options.h"
#include "cli/pictures/picture_command.h"
#include "cli/pictures/picture_options.h"

namespace velatura::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  velatura upscale "a red circle on a white background" \
      --image small.png -o big.png
  velatura upscale "a white cat" -m stable-diffusion-x4-upscaler \
      --image cat.png --noise-level 10 --dtype bfloat16 -o large.png
  velatura txt2img "a red ring" -o - | velatura upscale "a red ring" \
      --image - -o big.png

Every side becomes four times as long. Smaller tiles take less memory.)";

}  // namespace

PictureCommand add_upscale(CLI::App& program) {
  auto options = std::make_shared<PictureOptions>();
  options->bundled = "demo-upscale";
  auto request = std::make_shared<Upscale>();
  auto image = std::make_shared<std::string>();
  CLI::App* command =
      program.add_subcommand("upscale", "Make a picture four times as large on each side");
  const std::string group = "Input";
  add_image_option(*command, *image, "The picture to enlarge");
  add_option(*command, group, "--noise-level", request->noise_level,
             "Noise put on the input, up to the model's highest (350): more lets the model invent "
             "more")
      ->type_name("N")
      ->capture_default_str()
      ->check(in_range(0, 1000));
  add_option(*command, group, "--tile", request->tile,
             "Denoise larger inputs in blended squares of this many pixels; 0 is whole")
      ->type_name("PIXELS")
      ->capture_default_str()
      ->check(in_range(0, 16384));
  add_option(*command, group, "--tile-overlap", request->tile_overlap,
             "Pixels that neighbouring squares share, at most half of --tile")
      ->type_name("PIXELS")
      ->capture_default_str()
      ->check(in_range(0, 8192));
  add_picture_options(*command, *options, *request);
  command->footer(kFooter);
  return {command, [options, request, image] {
            InputPictures inputs(request->prompt);
            request->image = inputs.image("--image", *image);
            settle(*options, *request);
            return PictureJob{*options, std::move(*request)};
          }};
}

}  // namespace velatura::cli
