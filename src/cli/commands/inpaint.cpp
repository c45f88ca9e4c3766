#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "cli/commands/image_options.h"
#include "cli/options.h"
#include "cli/pictures/picture_command.h"
#include "cli/pictures/picture_options.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  velatura inpaint "a green heart" --image in.png --mask hole.png -o out.png
  velatura inpaint "a wooden door" -m sd15-inpainting --image house.jpg \
      --mask door.png --mask-crop 32 -o house.png
  velatura inpaint "a wide valley" -m sd15-inpainting --image valley.png \
      --extend left=128,right=128 -o wide.png

Models with channels for it (9) and ordinary ones (4) can be used.)";

/// As given, before anything is read.
struct Files {
  std::string image, mask;
  bool invert_mask = false;
  bool no_paste = false;
};

Margins parse_margins(const std::string& text) {
  Margins margins;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view side = part.substr(0, equals);
    const std::string_view number = part.substr(std::min(equals + 1, part.size()));
    int* const margin = side == "left"     ? &margins.left
                        : side == "top"    ? &margins.top
                        : side == "right"  ? &margins.right
                        : side == "bottom" ? &margins.bottom
                                           : nullptr;
    int pixels = 0;
    const auto [rest, error] =
        std::from_chars(number.data(), number.data() + number.size(), pixels);
    const bool again = margin != nullptr && *margin != 0;
    if (margin == nullptr || again || error != std::errc() ||
        rest != number.data() + number.size() || pixels < 0 || pixels > 16384) {
      throw UsageError("--extend " + text + ": expected such as left=128,right=64 (sides left, " +
                       "top, right, bottom, each once; pixels)");
    }
    *margin = pixels;
    begin = end + 1;
  }
  return margins;
}

void add_mask_options(CLI::App& command, Files& files, Inpaint& request) {
  const std::string group = "Input";
  add_image_option(command, files.image, "The picture to paint in");
  add_file_option(command, "--mask,--mask-image", files.mask,
                  "What is white in this picture is repainted; any size, grey, palette or alpha");
  add_flag(command, group, "--invert-mask", files.invert_mask, "Repaint what is black instead");
  add_option(command, group, "--mask-blur", request.mask_blur,
             "Soften the mask's edge by this radius")
      ->type_name("PIXELS")
      ->capture_default_str()
      ->check(in_range(0, 1024));
  add_option(command, group, "--mask-crop,--padding-mask-crop", request.mask_crop,
             "Paint only the masked region and this much around it, at full size, and put it back")
      ->type_name("PIXELS")
      ->default_str("the whole picture")
      ->check(in_range(0, 16384));
  add_parsed(
      command, group, "--extend",
      [&request](const std::string& text) { request.extend = parse_margins(text); },
      "Grow the picture and paint what is new, such as left=128,right=64; its size is then the "
      "grown picture's")
      ->type_name("SIDE=PIXELS,…");
  add_flag(command, group, "--no-paste", files.no_paste,
           "Leave the pixels outside the mask as the model makes them, instead of the input's");
}

}  // namespace

PictureCommand add_inpaint(CLI::App& program) {
  auto options = std::make_shared<PictureOptions>();
  options->bundled = "demo-inpaint";
  auto request = std::make_shared<Inpaint>();
  auto files = std::make_shared<Files>();
  CLI::App* command = program.add_subcommand("inpaint", "Paint a part of a picture anew");
  add_mask_options(*command, *files, *request);
  add_start_options(*command, *request);
  add_picture_options(*command, *options, *request);
  add_size_options(*command, request->width, request->height, "the model's");
  command->footer(kFooter);
  return {command, [options, request, files] {
            InputPictures inputs(request->prompt);
            request->image = inputs.image("--image", files->image);
            if (!files->mask.empty()) request->mask = inputs.gray_image("--mask", files->mask);
            settle(*options, *request);
            if (files->invert_mask) {
              for (auto& value : request->mask.values) value = static_cast<std::uint16_t>(~value);
            }
            request->paste = !files->no_paste;
            return PictureJob{*options, std::move(*request)};
          }};
}

}  // namespace velatura::cli
