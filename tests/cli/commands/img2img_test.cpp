#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Img2img : public PictureCommand {};

TEST_F(Img2img, ChangesAPictureInItsOwnSizeAndRecordsIt) {
  write_image(folder_ / "odd.png", scene(45, 38), {});
  const Outcome outcome = run("img2img", {"--image", "odd.png", "-o", "out.png"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(outcome.out, "out.png\n");
  EXPECT_EQ(
      outcome.err,
      "velatura: warning: the picture changes from 45x38 to 40x32 pixels: sides are multiples "
      "of 8; -W 48 -H 40 with --resize pad loses nothing of it\nseed 5, 2 of 3 steps\n");
  const Image image = read_image(folder_ / "out.png");
  EXPECT_EQ(image.width, 40);
  EXPECT_EQ(image.height, 32);
  const auto receipt = this->receipt();
  EXPECT_EQ(receipt.at("task"), "img2img");
  EXPECT_EQ(receipt.at("strength"), 0.8);
  EXPECT_EQ(receipt.at("resize"), "stretch");
  EXPECT_EQ(receipt.at("image").at("width"), 45);
  EXPECT_EQ(receipt.at("image").at("height"), 38);
  EXPECT_EQ(receipt.at("image").at("sha256").get<std::string>().size(), 64u);
  EXPECT_THAT(read_metadata(folder_ / "out.png").parameters,
              AllOf(HasSubstr("Steps: 3, Sampler: DDIM"), HasSubstr("Size: 40x32"),
                    HasSubstr("Denoising strength: 0.8")));
  EXPECT_THAT(file_text(folder_ / "out.png"),
              AllOf(HasSubstr("/trainedAlgorithmicMedia"), Not(HasSubstr("composite"))));
}

TEST_F(Img2img, ReadsEveryFormatFromAFileAndFromStandardInput) {
  write_image(folder_ / "in.jpg", scene(32, 32), {});
  write_image(folder_ / "in.webp", scene(32, 32), {});
  for (const char* name : {"in.png", "in.jpg", "in.webp"}) {
    const Image from_file = picture("img2img", {"--image", name});
    const auto as_recorded = receipt().at("image");
    const Image piped = picture("img2img", {"--image", "-"}, file_text(folder_ / name));
    EXPECT_EQ(piped.pixels, from_file.pixels) << name;
    EXPECT_EQ(receipt().at("image"), as_recorded) << name;
  }
}

TEST_F(Img2img, TheExtensionSaysNothingAboutTheInput) {
  write_image(folder_ / "in.jpg", scene(32, 32), {});
  const Image expected = picture("img2img", {"--image", "in.jpg"});
  write_text(folder_ / "named.png", file_text(folder_ / "in.jpg"));
  EXPECT_EQ(picture("img2img", {"--image", "named.png"}).pixels, expected.pixels);
}

TEST_F(Img2img, ResizeSaysHowThePictureGetsTheSizeAskedFor) {
  write_image(folder_ / "wide.png", scene(64, 32), {});
  std::map<std::string, Image> pictures;
  for (const std::string how : {"stretch", "crop", "pad"}) {
    pictures[how] = picture("img2img", {"-i", "wide.png", "-W", "32", "-H", "40", "--resize", how});
    EXPECT_EQ(pictures[how].width, 32);
    EXPECT_EQ(pictures[how].height, 40);
    EXPECT_EQ(receipt().at("resize"), how);
  }
  EXPECT_NE(pictures["crop"].pixels, pictures["stretch"].pixels);
  EXPECT_NE(pictures["pad"].pixels, pictures["stretch"].pixels);
  EXPECT_NE(pictures["pad"].pixels, pictures["crop"].pixels);
  EXPECT_EQ(picture("img2img", {"-i", "wide.png", "-W", "32", "-H", "40"}).pixels,
            pictures["stretch"].pixels);
}

TEST_F(Img2img, StrengthSaysHowManyStepsAreDone) {
  const auto said = [this](const std::string& strength) {
    const Outcome outcome =
        run("img2img", {"--image", "in.png", "--strength", strength, "-o", "out.png"});
    EXPECT_TRUE(succeeded(outcome));
    return outcome.err;
  };
  EXPECT_EQ(said("0.34"), "seed 5, 1 of 3 steps\n");
  EXPECT_EQ(receipt().at("strength"), 0.34);
  const Image weak = read_image(folder_ / "out.png");
  EXPECT_EQ(said("1"), "seed 5\n");
  EXPECT_NE(read_image(folder_ / "out.png").pixels, weak.pixels);
}

TEST_F(Img2img, SeveralPicturesAreEachWhatTheyWouldBeAlone) {
  const Outcome outcome = run("img2img", {"-i", "in.png", "-n", "2", "--json", "-o", "out.png"});
  ASSERT_TRUE(succeeded(outcome));
  const auto objects = lines(outcome.out);
  ASSERT_EQ(objects.size(), 2u);
  const auto second = nlohmann::json::parse(objects[1]);
  EXPECT_EQ(second.at("path"), "out-1.png");
  EXPECT_EQ(second.at("seed"), 6);
  EXPECT_EQ(second.at("width"), 32);
  EXPECT_EQ(second.at("prompt"), "a red circle");
  const Image alone = picture("img2img", {"-i", "in.png", "--seed", "6"});
  EXPECT_EQ(read_image(folder_ / "out-1.png").pixels, alone.pixels);
  EXPECT_NE(read_image(folder_ / "out-0.png").pixels, alone.pixels);
}

TEST_F(Img2img, OptionsCanComeFromAConfigFile) {
  write_image(folder_ / "wide.png", scene(64, 32), {});
  write_text(folder_ / "c.toml",
             "image = \"wide.png\"\nstrength = 0.5\nresize = \"crop\"\nwidth = 32\n"
             "vae-tile = \"off\"\nvae_dtype = \"bfloat16\"\n");
  const Image from_file = picture("img2img", {"--config", "c.toml"});
  EXPECT_EQ(receipt().at("strength"), 0.5);
  EXPECT_EQ(picture("img2img", {"--image", "wide.png", "--strength", "0.5", "--resize", "crop",
                                "--width", "32", "--vae-tile", "off", "--vae-dtype", "bfloat16"})
                .pixels,
            from_file.pixels);
}

TEST_F(Img2img, AliasesAreTheSameOptions) {
  const Image expected = picture("img2img", {"--image", "in.png", "--strength", "0.5"});
  for (const char* name : {"-i", "--init-image", "--init_image", "--init-img", "--init_img"}) {
    EXPECT_EQ(picture("img2img", {name, "in.png", "--denoising-strength", "0.5"}).pixels,
              expected.pixels);
  }
}

TEST_F(Img2img, TheVaeCanWorkInTilesAndInAnotherNumberType) {
  write_image(folder_ / "large.png", scene(96, 64), {});
  const Image plain = picture("img2img", {"--image", "large.png"});
  EXPECT_EQ(receipt().at("vae_tile"), 0);
  EXPECT_EQ(receipt().at("vae_dtype"), "float32");
  EXPECT_NE(picture("img2img", {"--image", "large.png", "--vae-tile", "32"}).pixels, plain.pixels);
  EXPECT_EQ(receipt().at("vae_tile"), 32);
  EXPECT_EQ(picture("img2img", {"--image", "large.png", "--vae-tile", "96"}).pixels, plain.pixels);
  EXPECT_EQ(receipt().at("vae_tile"), 0);
  EXPECT_NE(picture("img2img", {"--image", "large.png", "--vae-dtype", "bfloat16"}).pixels,
            plain.pixels);
  EXPECT_EQ(receipt().at("vae_dtype"), "bfloat16");
  EXPECT_EQ(receipt().at("dtype"), "float32");
}

}  // namespace
}  // namespace velatura::testing
