#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using Colour = std::array<int, 3>;

constexpr Colour kRed{222, 32, 32}, kBlue{36, 64, 220}, kWhite{255, 255, 255}, kBlack{0, 0, 0};
constexpr int kSide = 64, kRadius = 12;  // of the world's pictures, and of an ordinary circle there

// What the bundled Kandinsky model draws is what it was asked for.
class DemoKandinsky : public ::testing::Test {
 protected:
  Image drawn(std::vector<std::string> words) const {
    words.insert(words.end(), {"--seed", "3", "--steps", "25", "--device", "cpu", "--threads", "1",
                               "--quiet", "-o", "out.png"});
    const Outcome outcome = run_velatura({.arguments = words, .folder = folder_.path()});
    EXPECT_TRUE(succeeded(outcome));
    return outcome.exit_code == 0 ? read_image(folder_ / "out.png") : Image{};
  }

  // A circle in the middle, for CLIP to see.
  void write_circle(const std::string& name, const Colour& colour, const Colour& background) const {
    Image image{kSide, kSide, {}};
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const bool inside = std::hypot(x + 0.5 - kSide / 2, y + 0.5 - kSide / 2) < kRadius;
        for (const int value : inside ? colour : background)
          image.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
    write_image(folder_ / name, image, {});
  }

  TemporaryFolder folder_;
};

::testing::AssertionResult is(const Image& image, int x, int y, const Colour& colour) {
  constexpr int kFarthest = 70;  // of a channel; the world's colours lie farther apart
  const auto at = static_cast<std::size_t>(3 * (y * kSide + x));
  if (image.width != kSide || image.height != kSide)
    return ::testing::AssertionFailure() << image.width << "x" << image.height;
  for (std::size_t c = 0; c < 3; ++c) {
    const int found = image.pixels[at + c];
    if (std::abs(found - colour[c]) > kFarthest)
      return ::testing::AssertionFailure() << "channel " << c << " at " << x << ", " << y << " is "
                                           << found << ", not " << colour[c];
  }
  return ::testing::AssertionSuccess();
}

// The colour within the circle all around, the background beyond it.
void expect_circle(const Image& image, const Colour& colour, const Colour& background) {
  EXPECT_TRUE(is(image, kSide / 2, kSide / 2, colour));
  for (int turn = 0; turn < 8; ++turn) {
    const double angle = turn * std::numbers::pi / 4;
    const auto on = [&](double radius, double offset) {
      return static_cast<int>(std::lround(kSide / 2 + radius * offset));
    };
    EXPECT_TRUE(
        is(image, on(0.6 * kRadius, std::cos(angle)), on(0.6 * kRadius, std::sin(angle)), colour));
    EXPECT_TRUE(is(image, on(1.7 * kRadius, std::cos(angle)), on(1.7 * kRadius, std::sin(angle)),
                   background));
  }
}

const std::string kModel = VELATURA_MODELS "/demo-kandinsky";

TEST_F(DemoKandinsky, DrawsARussianPrompt) {
  expect_circle(drawn({"txt2img", "красный круг на белом фоне", "-m", kModel}), kRed, kWhite);
}

TEST_F(DemoKandinsky, DrawsAnEnglishPrompt) {
  expect_circle(drawn({"txt2img", "a blue circle on a black background", "-m", kModel}), kBlue,
                kBlack);
}

TEST_F(DemoKandinsky, IsTheModelThatShowsWhatAPictureShows) {
  write_circle("in.png", kBlue, kWhite);
  expect_circle(drawn({"variations", "--image", "in.png"}), kBlue, kWhite);
}

TEST_F(DemoKandinsky, MixesAPictureWithATextOfOneAttribute) {
  write_circle("in.png", kBlue, kBlack);
  expect_circle(drawn({"txt2img", "--mix", "in.png", "--mix", "что-то красное", "-m", kModel}),
                kRed, kBlack);
  expect_circle(
      drawn({"txt2img", "--mix", "in.png", "--mix", "on a white background", "-m", kModel}), kBlue,
      kWhite);
}

}  // namespace
}  // namespace velatura::testing
