#include <utility>

#include "cli/commands/image_options.h"
#include "cli/pictures/picture_command.h"
#include "cli/pictures/picture_options.h"

namespace velatura::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  velatura img2img "a blue star on a black background" \
      --image star.png -o blue.png
  velatura img2img "an oil painting" -m sd15.safetensors --image photo.jpg \
      --strength 0.55 -W 768 -H 512 --resize crop -n 4 -o 'oil/{seed}.png'
  velatura txt2img "a red ring" -o - | velatura img2img "a red ring at sunset" \
      --image - --strength 0.5 -o sunset.png

The number of steps done is steps x strength, rounded down.)";

}  // namespace

PictureCommand add_img2img(CLI::App& program) {
  auto options = std::make_shared<PictureOptions>();
  auto request = std::make_shared<ImageToImage>();
  auto image = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("img2img", "Change a picture as a prompt says");
  add_image_option(*command, *image, "The picture to begin with");
  add_start_options(*command, *request);
  add_picture_options(*command, *options, *request);
  add_size_options(*command, request->width, request->height,
                   "the picture's, floored to a multiple");
  command->footer(kFooter);
  return {command, [options, request, image] {
            InputPictures inputs(request->prompt);
            request->image = inputs.image("--image", *image);
            settle(*options, *request);
            return PictureJob{*options, std::move(*request)};
          }};
}

}  // namespace velatura::cli
