#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

class Upscaling : public PictureCommand {};

TEST_F(Upscaling, MakesEverySideFourTimesAsLongAndRecordsIt) {
  write_image(folder_ / "low.png", scene(14, 10), {});
  const Image image = picture("upscale", {"--image", "low.png"});
  EXPECT_EQ(image.width, 56);
  EXPECT_EQ(image.height, 40);
  const auto receipt = this->receipt();
  EXPECT_EQ(receipt.at("resize"), "pad");
  EXPECT_EQ(receipt.at("width"), 56);
  EXPECT_THAT(read_metadata(folder_ / "out.png").parameters, ::testing::HasSubstr("Size: 56x40"));
  EXPECT_EQ(receipt.at("task"), "upscale");
  EXPECT_EQ(receipt.at("noise_level"), 20);
  EXPECT_EQ(receipt.at("tile"), 0) << "small enough to be worked on whole";
  EXPECT_EQ(receipt.at("tile_overlap"), 32);
  EXPECT_EQ(receipt.at("guidance_scale"), 9.0);
  EXPECT_EQ(receipt.at("image").at("width"), 14);
  EXPECT_FALSE(receipt.contains("strength"));
}

TEST_F(Upscaling, StretchesIfAskedToAndReplaysEither) {
  write_image(folder_ / "low.png", scene(14, 10), {});
  for (const std::string resize : {"pad", "stretch"}) {
    const Image image = picture("upscale", {"--image", "low.png", "--resize", resize});
    EXPECT_EQ(image.width, resize == "pad" ? 56 : 48);
    EXPECT_EQ(image.height, resize == "pad" ? 40 : 32);
    const Outcome again = run_velatura(
        {.arguments = {"replay", "out.png", "--image", "low.png", "--device", "cpu", "--threads",
                       "1", "-m", VELATURA_FIXTURES "/models/tiny-upscale", "-o", "b.png"},
         .folder = folder_.path()});
    ASSERT_TRUE(succeeded(again));
    EXPECT_EQ(read_image(folder_ / "b.png").pixels, image.pixels) << resize;
  }
}

TEST_F(Upscaling, TheNoiseLevelMatters) {
  const Image plain = picture("upscale", {"--image", "in.png"});
  EXPECT_NE(picture("upscale", {"--image", "in.png", "--noise-level", "350"}).pixels, plain.pixels);
  EXPECT_EQ(receipt().at("noise_level"), 350);
}

TEST_F(Upscaling, LargerPicturesAreDoneInTiles) {
  const Image whole = picture("upscale", {"--image", "in.png", "--tile", "0"});
  EXPECT_EQ(picture("upscale", {"--image", "in.png", "--tile", "64"}).pixels, whole.pixels);
  const Image tiled =
      picture("upscale", {"--image", "in.png", "--tile", "16", "--tile-overlap", "4"});
  EXPECT_EQ(tiled.width, 128);
  EXPECT_NE(tiled.pixels, whole.pixels);
  EXPECT_EQ(receipt().at("tile"), 16);
  EXPECT_EQ(receipt().at("tile_overlap"), 4);
  EXPECT_NE(picture("upscale", {"--image", "in.png", "--tile", "16", "--tile-overlap", "8"}).pixels,
            tiled.pixels);
}

TEST_F(Upscaling, ReadsStandardInputAndWritesStandardOutput) {
  const Image expected = picture("upscale", {"--image", "in.png"});
  const Outcome outcome =
      run("upscale", {"--image", "-", "-o", "-"}, file_text(folder_ / "in.png"));
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_TRUE(outcome.out == file_text(folder_ / "out.png"));
}

TEST_F(Upscaling, OptionsCanComeFromAConfigFile) {
  write_text(folder_ / "c.toml",
             "image = \"in.png\"\nnoise_level = 100\ntile = 16\ntile-overlap = 4\n");
  EXPECT_EQ(picture("upscale", {"--config", "c.toml"}).pixels,
            picture("upscale", {"--image", "in.png", "--noise-level", "100", "--tile", "16",
                                "--tile-overlap", "4"})
                .pixels);
}

TEST_F(Upscaling, SeveralPicturesAreEachWhatTheyWouldBeAlone) {
  ASSERT_TRUE(succeeded(run("upscale", {"-i", "in.png", "-n", "2", "-o", "out.png"})));
  EXPECT_EQ(picture("upscale", {"-i", "in.png", "--seed", "6"}).pixels,
            read_image(folder_ / "out-1.png").pixels);
}

}  // namespace
}  // namespace velatura::testing
