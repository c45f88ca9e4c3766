#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;

const std::string kNets = VELATURA_FIXTURES "/models/tiny-control/";

class Control : public PictureCommand {
 protected:
  static std::vector<std::string> with(std::vector<std::string> more) {
    more.insert(more.begin(), {"--control", kNets + "net", "--control-image", "in.png"});
    return more;
  }
};

TEST_F(Control, ChangesThePictureAndIsRecorded) {
  const Image plain = picture("txt2img", {});
  EXPECT_NE(picture("txt2img", with({"--control-scale", "3"})).pixels, plain.pixels);
  const auto receipt = this->receipt();
  EXPECT_EQ(receipt.at("control_scale").at(0), 3.0);
  EXPECT_EQ(receipt.at("control_image").at(0).at("width"), 32);
}

TEST_F(Control, WhatWasMadeOfThePictureCanBeSavedAndGivenAgain) {
  const Image made = picture(
      "txt2img", with({"--control-preprocess", "invert", "--save-control", "new/hint.png"}));
  const Image hint = read_image(folder_ / "new/hint.png");
  const Image given = read_image(folder_ / "in.png");
  for (std::size_t i = 0; i < hint.pixels.size(); ++i) {
    ASSERT_EQ(hint.pixels[i], 255 - given.pixels[i]);
  }
  EXPECT_EQ(
      picture("txt2img", {"--control", kNets + "net", "--control-image", "new/hint.png"}).pixels,
      made.pixels);
}

TEST_F(Control, DepthIsEstimatedByANetworkBesideTheModel) {
  const std::string estimator = VELATURA_FIXTURES "/models/tiny-depth-estimator";
  const auto depth = with({"--control-preprocess", "depth", "--depth-estimator", estimator,
                           "--control-scale", "3", "--save-control", "hint.png"});
  const Image made = picture("txt2img", depth);
  const auto receipt = this->receipt();
  EXPECT_EQ(receipt.at("depth_estimator"), "tiny-depth-estimator");
  EXPECT_EQ(receipt.at("adapters").at("tiny-depth-estimator").get<std::string>().size(), 64u);
  EXPECT_EQ(picture("txt2img", {"--control", kNets + "net", "--control-image", "hint.png",
                                "--control-scale", "3"})
                .pixels,
            made.pixels);
}

TEST_F(Control, OfSeveralEachIsSavedUnderItsNumber) {
  const Outcome outcome = run("txt2img", with({"--control", kNets + "pool", "--control-image",
                                               "mask.png", "--save-control", "hint.png"}));
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(read_image(folder_ / "hint-0.png").pixels, read_image(folder_ / "in.png").pixels);
  EXPECT_EQ(read_image(folder_ / "hint-1.png").pixels, read_image(folder_ / "mask.png").pixels);
}

TEST_F(Control, WhatDoesNotGoTogetherIsRefused) {
  const auto refused = [&](const std::vector<std::string>& options, int code) {
    const Outcome outcome = run("txt2img", options);
    EXPECT_EQ(outcome.exit_code, code);
    return outcome.err;
  };
  EXPECT_THAT(refused({"--control", kNets + "net"}, 2), HasSubstr("--control-image 0 times"));
  EXPECT_THAT(refused(with({"--control-preprocess", "sketch"}), 2),
              HasSubstr("--control-preprocess sketch: expected none, canny[:LOW:HIGH]"));
  EXPECT_THAT(refused({"--save-control", "hint.png"}, 2), HasSubstr("goes with --control"));
  EXPECT_THAT(refused(with({"--save-control", "hint.txt"}), 2), HasSubstr(".txt"));
  EXPECT_THAT(
      refused({"--control", VELATURA_FIXTURES "/models/tiny", "--control-image", "in.png"}, 3),
      HasSubstr("is a whole model; expected a ControlNet or a T2I-Adapter"));
}

}  // namespace
}  // namespace velatura::testing
