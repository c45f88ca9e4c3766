#include <filesystem>
#include <utility>

#include "cli/commands/image_options.h"
#include "cli/options.h"
#include "cli/pictures/output_names.h"
#include "cli/pictures/picture_command.h"
#include "cli/pictures/picture_options.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  velatura depth2img "a yellow ring" --image in.png \
      --depth-map depth.png --strength 1 -o ring.png
  velatura depth2img "a marble statue" -m stable-diffusion-2-depth \
      --image me.jpg --save-depth depth.png -o statue.png)";

struct Files {
  std::string image, depth_map, save_depth;
};

// Before the work, so that no picture is left without its depth.
void check_save_depth(const std::filesystem::path& path, const std::filesystem::path& output) {
  const auto extension = path.extension();
  if (extension != ".png" && extension != ".PNG") {
    throw UsageError("--save-depth " + path.string() + ": expected a name that ends in .png");
  }
  if (path.lexically_normal() == output.lexically_normal()) {
    throw UsageError("--save-depth and -o both name " + path.string());
  }
  check_writable(path.parent_path());
}

}  // namespace

PictureCommand add_depth2img(CLI::App& program) {
  auto options = std::make_shared<PictureOptions>();
  options->bundled = "demo-depth";
  auto request = std::make_shared<DepthToImage>();
  auto files = std::make_shared<Files>();
  CLI::App* command =
      program.add_subcommand("depth2img", "Make a picture with the depth of another");
  add_image_option(*command, files->image, "The picture to begin with");
  add_file_option(*command, "--depth-map", files->depth_map,
                  "Its depth, 8 or 16 bits of grey, larger is nearer")
      ->default_str("the model's own estimate");
  add_start_options(*command, *request);
  add_picture_options(*command, *options, *request);
  add_size_options(*command, request->width, request->height,
                   "the picture's, floored to a multiple");
  add_option(*command, "Output", "--save-depth", files->save_depth,
             "Write the depth map that was used to this file, a PNG with 16 bits of grey")
      ->type_name("FILE");
  command->footer(kFooter);
  return {command, [options, request, files] {
            InputPictures inputs(request->prompt);
            request->image = inputs.image("--image", files->image);
            if (!files->depth_map.empty()) {
              request->depth_map = inputs.gray_image("--depth-map", files->depth_map);
            }
            settle(*options, *request);
            PictureJob job{*options, std::move(*request)};
            if (!files->save_depth.empty()) {
              check_save_depth(files->save_depth, options->output);
              job.on_picture = [path = files->save_depth,
                                saved = false](const Picture& picture) mutable {
                if (!std::exchange(saved, true)) write_gray_image(path, picture.depth);
              };
            }
            return job;
          }};
}

}  // namespace velatura::cli
