#pragma once

#include <algorithm>
#include <map>

#include "cli/velatura.h"
#include "image/read_metadata.h"
#include "velatura/image.h"

namespace velatura::testing {

/// Colours that change everywhere, with which no turn or reflection is the same.
inline Image scene(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {255 * x / width, 255 * y / height, 255 * x * y / (width * height)}) {
        image.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return image;
}

/// White from (8, 8) up to, not including, (24, 20), else black.
inline bool is_in_hole(int x, int y) {
  return x >= 8 && x < 24 && y >= 8 && y < 20;
}

inline GrayImage hole(int width, int height, std::uint16_t inside = 65535,
                      std::uint16_t outside = 0) {
  GrayImage mask{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) mask.values.push_back(is_in_hole(x, y) ? inside : outside);
  }
  return mask;
}

/// From 0 to 65535, growing from pixel to pixel.
inline GrayImage depth_ramp(int width, int height) {
  GrayImage depth{width, height, {}};
  const int last = width * height - 1;
  for (int i = 0; i <= last; ++i) {
    depth.values.push_back(static_cast<std::uint16_t>(std::int64_t{65535} * i / last));
  }
  return depth;
}

/// Commands that begin with a picture, each with the tiny model made for it, in a folder with
/// `in.png` and `mask.png`, both 32 x 32, and `depth.png`.
class PictureCommand : public ::testing::Test {
 protected:
  PictureCommand() {
    write_image(folder_ / "in.png", scene(32, 32), {});
    write_gray_image(folder_ / "mask.png", hole(32, 32));
    write_gray_image(folder_ / "depth.png", depth_ramp(32, 32));
  }

  Outcome run(const std::string& command, const std::vector<std::string>& options,
              const std::string& input = "") const {
    static const std::map<std::string, std::string> models = {{"txt2img", "tiny"},
                                                              {"img2img", "tiny"},
                                                              {"inpaint", "tiny-inpaint"},
                                                              {"depth2img", "tiny-depth"},
                                                              {"upscale", "tiny-upscale"}};
    Child child{.arguments = {command, "a red circle", "-m",
                              VELATURA_FIXTURES "/models/" + models.at(command), "--steps", "3",
                              "--sampler", "ddim", "--seed", "5", "--device", "cpu", "--threads",
                              "1", "--no-progress"},
                .input = input,
                .folder = folder_.path()};
    child.arguments.insert(child.arguments.end(), options.begin(), options.end());
    return run_velatura(child);
  }

  /// The picture that a run makes; an empty one (and a failure) if it makes none.
  Image picture(const std::string& command, std::vector<std::string> options,
                const std::string& input = "") const {
    options.insert(options.end(), {"-o", "out.png"});
    const Outcome outcome = run(command, options, input);
    EXPECT_TRUE(succeeded(outcome));
    return outcome.exit_code == 0 ? read_image(folder_ / "out.png") : Image{};
  }

  nlohmann::json receipt(const std::string& name = "out.png") const {
    return nlohmann::json::parse(read_metadata(folder_ / name).receipt);
  }

  TemporaryFolder folder_;
};

/// Whether the pixels at the same places are the same, where `where(x, y)` says so.
inline bool equal_where(const Image& a, const Image& b, const auto& where) {
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width; ++x) {
      const auto* pixel = a.pixels.data() + (y * a.width + x) * 3;
      const auto* other = b.pixels.data() + (y * b.width + x) * 3;
      if (where(x, y) && !std::equal(pixel, pixel + 3, other)) return false;
    }
  }
  return true;
}

inline bool outside_hole(int x, int y) {
  return !is_in_hole(x, y);
}

}  // namespace velatura::testing
