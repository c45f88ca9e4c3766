#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Inpainting : public PictureCommand {
 protected:
  Inpainting() : input_(read_image(folder_ / "in.png")) {}

  Image painted(std::vector<std::string> options, const std::string& input = "") const {
    options.insert(options.begin(), {"--image", "in.png"});
    return picture("inpaint", options, input);
  }

  Image input_;
};

TEST_F(Inpainting, PaintsWhatIsWhiteInTheMaskAndRecordsIt) {
  for (const char* model : {"tiny", "tiny-inpaint"}) {
    const Image image =
        painted({"--mask", "mask.png", "-m", VELATURA_FIXTURES "/models/" + std::string(model)});
    EXPECT_TRUE(equal_where(image, input_, outside_hole)) << model;
    EXPECT_FALSE(equal_where(image, input_, is_in_hole)) << model;
    const auto receipt = this->receipt();
    EXPECT_EQ(receipt.at("task"), "inpaint");
    EXPECT_EQ(receipt.at("strength"), 1.0);
    EXPECT_EQ(receipt.at("paste"), true);
    EXPECT_EQ(receipt.at("mask_blur"), 0.0);
    EXPECT_EQ(receipt.at("mask").at("width"), 32);
    EXPECT_NE(receipt.at("mask").at("sha256"), receipt.at("image").at("sha256"));
    EXPECT_FALSE(receipt.contains("mask_crop"));
    EXPECT_FALSE(receipt.contains("extend"));
  }
}

TEST_F(Inpainting, IsMarkedAsACompositeInEveryFormat) {
  for (const char* name : {"out.png", "out.jpg", "out.webp"}) {
    ASSERT_TRUE(succeeded(run("inpaint", {"-i", "in.png", "--mask", "mask.png", "-o", name})));
    EXPECT_THAT(file_text(folder_ / name), AllOf(HasSubstr("/compositeWithTrainedAlgorithmicMedia"),
                                                 Not(HasSubstr("/trainedAlgorithmicMedia"))));
  }
}

TEST_F(Inpainting, WithoutPastingThePictureIsAsTheModelMakesIt) {
  const Image image = painted({"--mask", "mask.png", "--no-paste"});
  EXPECT_FALSE(equal_where(image, input_, outside_hole));
  EXPECT_EQ(receipt().at("paste"), false);
  const Image pasted = painted({"--mask", "mask.png"});
  EXPECT_TRUE(equal_where(pasted, image, is_in_hole));
}

TEST_F(Inpainting, AnInvertedMaskIsTheMaskInverted) {
  write_gray_image(folder_ / "inverse.png", hole(32, 32, 0, 65535));
  const Image expected = painted({"--mask", "inverse.png"});
  const auto mask = receipt().at("mask");
  EXPECT_EQ(painted({"--mask", "mask.png", "--invert-mask"}).pixels, expected.pixels);
  EXPECT_EQ(receipt().at("mask"), mask);
  EXPECT_TRUE(equal_where(expected, input_, is_in_hole));
  EXPECT_FALSE(equal_where(expected, input_, outside_hole));
}

TEST_F(Inpainting, TheMaskCanComeFromStandardInputAndInAnotherSizeAndFormat) {
  const Image expected = painted({"--mask", "mask.png"});
  EXPECT_EQ(painted({"--mask", "-"}, file_text(folder_ / "mask.png")).pixels, expected.pixels);
  write_gray_image(folder_ / "white.png", {5, 3, std::vector<std::uint16_t>(15, 65535)});
  write_image(folder_ / "white.jpg", {8, 8, std::vector<std::uint8_t>(192, 255)}, {});
  EXPECT_EQ(painted({"--mask", "white.png"}).pixels, painted({"--mask", "white.jpg"}).pixels);
}

TEST_F(Inpainting, BlurSoftensTheMask) {
  const Image image = painted({"--mask", "mask.png", "--mask-blur", "2"});
  EXPECT_FALSE(equal_where(image, input_, outside_hole)) << "beside the hole";
  EXPECT_TRUE(equal_where(image, input_, [](int x, int) { return x >= 31; })) << "far from it";
  EXPECT_EQ(receipt().at("mask_blur"), 2.0);
  EXPECT_THAT(read_metadata(folder_ / "out.png").parameters, HasSubstr("Mask blur: 2"));
}

TEST_F(Inpainting, ACropPaintsTheRegionAtFullSizeAndPutsItBack) {
  write_image(folder_ / "large.png", scene(96, 64), {});
  write_gray_image(folder_ / "large-mask.png", hole(96, 64));
  const Image image =
      picture("inpaint", {"--image", "large.png", "--mask", "large-mask.png", "--mask-crop", "4"});
  ASSERT_EQ(image.width, 96);
  ASSERT_EQ(image.height, 64);
  const Image large = scene(96, 64);
  EXPECT_TRUE(equal_where(image, large, outside_hole));
  EXPECT_FALSE(equal_where(image, large, is_in_hole));
  EXPECT_EQ(receipt().at("mask_crop"), 4);
  const Image other =
      picture("inpaint", {"--image", "large.png", "--mask", "large-mask.png", "--mask-crop", "16"});
  EXPECT_NE(other.pixels, image.pixels);
}

TEST_F(Inpainting, ExtendsAPictureOnEverySide) {
  const Image image = painted({"--extend", "left=16,top=8,bottom=24"});
  ASSERT_EQ(image.width, 48);
  ASSERT_EQ(image.height, 64);
  for (int y = 0; y < 32; ++y) {
    const auto* found = image.pixels.data() + ((y + 8) * 48 + 16) * 3;
    const auto* wanted = input_.pixels.data() + y * 32 * 3;
    ASSERT_TRUE(std::equal(wanted, wanted + 32 * 3, found)) << "row " << y;
  }
  EXPECT_EQ(receipt().at("extend"),
            (nlohmann::json{{"left", 16}, {"top", 8}, {"right", 0}, {"bottom", 24}}));
  EXPECT_FALSE(receipt().contains("mask"));
  EXPECT_EQ(painted({"--extend", "right=8"}).width, 40);
}

TEST_F(Inpainting, ABlackMaskIsSaid) {
  write_gray_image(folder_ / "black.png", hole(32, 32, 0));
  const Outcome outcome =
      run("inpaint", {"--image", "in.png", "--mask", "black.png", "-o", "out.png"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.err, HasSubstr("warning: the mask is black: nothing is repainted\n"));
  EXPECT_EQ(read_image(folder_ / "out.png").pixels, input_.pixels);
}

TEST_F(Inpainting, OptionsCanComeFromAConfigFile) {
  write_text(folder_ / "c.toml",
             "image = \"in.png\"\nmask = \"mask.png\"\ninvert-mask = true\nmask_blur = 1.5\n"
             "no-paste = true\n");
  const Image from_file = picture("inpaint", {"--config", "c.toml"});
  EXPECT_EQ(receipt().at("paste"), false);
  EXPECT_EQ(
      painted({"--mask", "mask.png", "--invert-mask", "--mask-blur", "1.5", "--no-paste"}).pixels,
      from_file.pixels);
  write_text(folder_ / "c.toml", "extend = \"left=8,right=8\"\n");
  EXPECT_EQ(painted({"--config", "c.toml"}).width, 48);
}

TEST_F(Inpainting, SeveralPicturesAreEachWhatTheyWouldBeAlone) {
  ASSERT_TRUE(succeeded(
      run("inpaint", {"-i", "in.png", "--mask", "mask.png", "-n", "2", "-o", "out.png"})));
  EXPECT_EQ(painted({"--mask", "mask.png", "--seed", "6"}).pixels,
            read_image(folder_ / "out-1.png").pixels);
}

}  // namespace
}  // namespace velatura::testing
