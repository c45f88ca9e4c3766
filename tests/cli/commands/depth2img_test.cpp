#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Depth2img : public PictureCommand {};

TEST_F(Depth2img, FollowsTheDepthMapAndRecordsIt) {
  const Image image = picture("depth2img", {"--image", "in.png", "--depth-map", "depth.png"});
  const auto receipt = this->receipt();
  EXPECT_EQ(receipt.at("task"), "depth2img");
  EXPECT_EQ(receipt.at("strength"), 0.8);
  EXPECT_EQ(receipt.at("depth_map").at("width"), 32);
  EXPECT_EQ(receipt.at("depth_map").at("sha256").get<std::string>().size(), 64u);
  EXPECT_NE(picture("depth2img", {"--image", "in.png", "--depth-map", "mask.png"}).pixels,
            image.pixels);
  EXPECT_NE(this->receipt().at("depth_map").at("sha256"), receipt.at("depth_map").at("sha256"));
}

TEST_F(Depth2img, EitherPictureCanComeFromStandardInput) {
  const Image expected = picture("depth2img", {"--image", "in.png", "--depth-map", "depth.png"});
  EXPECT_EQ(picture("depth2img", {"--image", "-", "--depth-map", "depth.png"},
                    file_text(folder_ / "in.png"))
                .pixels,
            expected.pixels);
  EXPECT_EQ(picture("depth2img", {"--image", "in.png", "--depth-map", "-"},
                    file_text(folder_ / "depth.png"))
                .pixels,
            expected.pixels);
}

TEST_F(Depth2img, SavesTheDepthAsAPngWith16Bits) {
  const Outcome outcome = run("depth2img", {"--image", "in.png", "--depth-map", "depth.png",
                                            "--save-depth", "new/depth.png", "-n", "2"});
  ASSERT_TRUE(succeeded(outcome));
  const std::string png = file_text(folder_ / "new/depth.png");
  EXPECT_THAT(png, StartsWith("\x89PNG\r\n"));
  EXPECT_EQ(png[24], 16) << "bits";
  EXPECT_EQ(png[25], 0) << "grey";
  const GrayImage saved = read_gray_image(folder_ / "new/depth.png");
  ASSERT_EQ(saved.width, 32);
  ASSERT_EQ(saved.height, 32);
  const GrayImage given = depth_ramp(32, 32);
  for (std::size_t i = 0; i < given.values.size(); ++i) {
    ASSERT_NEAR(saved.values[i], given.values[i], 1) << i;
  }
  // What was saved is what can be given again.
  const Image again = picture("depth2img", {"--image", "in.png", "--depth-map", "new/depth.png"});
  EXPECT_EQ(picture("depth2img", {"--image", "in.png", "--depth-map", "depth.png"}).pixels,
            again.pixels);
}

TEST_F(Depth2img, ThePictureAndItsDepthNeedDifferentFiles) {
  const Outcome outcome = run("depth2img", {"--image", "in.png", "--depth-map", "depth.png", "-o",
                                            "a.png", "--save-depth", "./a.png"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err, "velatura: --save-depth and -o both name ./a.png (see --help)\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.png"));
}

TEST_F(Depth2img, WithoutAMapTheModelsOwnEstimatorIsAsked) {
  const std::string model = VELATURA_FIXTURES "/models/tiny-depth-estimator";
  const Image image =
      picture("depth2img", {"--image", "in.png", "-m", model, "--save-depth", "estimate.png"});
  EXPECT_FALSE(receipt().contains("depth_map"));
  const GrayImage depth = read_gray_image(folder_ / "estimate.png");
  EXPECT_EQ(depth.width, 64);
  EXPECT_EQ(*std::ranges::min_element(depth.values), 0);
  EXPECT_EQ(*std::ranges::max_element(depth.values), 65535);
  EXPECT_NE(
      picture("depth2img", {"--image", "in.png", "-m", model, "--depth-map", "depth.png"}).pixels,
      image.pixels);
}

TEST_F(Depth2img, ItsSizeCanBeChosen) {
  const Image image = picture(
      "depth2img", {"--image", "in.png", "--depth-map", "depth.png", "-W", "48", "-H", "40"});
  EXPECT_EQ(image.width, 48);
  EXPECT_EQ(image.height, 40);
}

TEST_F(Depth2img, OptionsCanComeFromAConfigFile) {
  write_text(folder_ / "c.toml",
             "image = \"in.png\"\ndepth_map = \"depth.png\"\nstrength = 1\n"
             "save-depth = \"saved.png\"\n");
  const Image from_file = picture("depth2img", {"--config", "c.toml"});
  EXPECT_EQ(read_gray_image(folder_ / "saved.png").width, 32);
  EXPECT_EQ(
      picture("depth2img", {"--image", "in.png", "--depth-map", "depth.png", "--strength", "1"})
          .pixels,
      from_file.pixels);
}

}  // namespace
}  // namespace velatura::testing
