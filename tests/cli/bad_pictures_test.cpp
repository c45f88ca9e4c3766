#include <gtest/gtest.h>
#include <libdeflate.h>

#include <filesystem>
#include <ostream>

#include "cli/picture_command.h"

// Whatever is wrong with a picture that goes in, or with what shall be done with it: the right exit
// code, one clear line on stderr, no output left behind.
namespace velatura::testing {
namespace {

struct BadRequest {
  std::string command;
  std::vector<std::string> options;
  int exit_code;
  std::vector<std::string> message;
};

// Becomes part of the test's name.
void PrintTo(const BadRequest& bad, std::ostream* out) {
  *out << bad.command;
  for (const std::string& option : bad.options) *out << ' ' << in_test_name(option);
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (const unsigned shift : {24u, 16u, 8u, 0u}) bytes += static_cast<char>(value >> shift);
  return bytes;
}

// The PNG with another size in its header, and the checksum that goes with it.
std::string resized_header(std::string png, std::uint32_t width, std::uint32_t height) {
  png.replace(16, 8, big_endian(width) + big_endian(height));
  return png.replace(29, 4, big_endian(libdeflate_crc32(0, png.data() + 12, 17)));
}

class BadPicture : public PictureCommand, public ::testing::WithParamInterface<BadRequest> {
 protected:
  BadPicture() {
    const std::string png = file_text(folder_ / "in.png");
    write_text(folder_ / "text.png", "no picture");
    write_text(folder_ / "cut.png", png.substr(0, png.size() / 2));
    write_text(folder_ / "huge.png", resized_header(png, 100000, 100000));
    write_text(folder_ / "many.png", resized_header(png, 16384, 16384));
    write_image(folder_ / "dot.png", scene(2, 2), {});
    write_gray_image(folder_ / "black.png", hole(32, 32, 0));
    std::filesystem::create_directory(folder_ / "folder");
  }
};

TEST_P(BadPicture, IsReportedInOneLine) {
  const auto before = folder_.files();
  std::vector<std::string> options = {"-o", "out.png", "--latents-out", "out.safetensors"};
  options.insert(options.end(), GetParam().options.begin(), GetParam().options.end());
  const Outcome outcome = run(GetParam().command, options, file_text(folder_ / "in.png"));
  EXPECT_TRUE(failed_with(outcome, GetParam().exit_code, GetParam().message));
  EXPECT_EQ(folder_.files(), before);
}

INSTANTIATE_TEST_SUITE_P(
    File, BadPicture,
    ::testing::Values(
        BadRequest{"img2img", {}, 2, {"--image", "a picture file is needed"}},
        BadRequest{"inpaint", {"--mask", "mask.png"}, 2, {"--image", "a picture file is needed"}},
        BadRequest{"depth2img", {"--depth-map", "depth.png"}, 2, {"--image", "a picture file"}},
        BadRequest{"upscale", {}, 2, {"--image", "a picture file is needed"}},
        BadRequest{"img2img", {"--image", "nowhere.png"}, 3, {"nowhere.png: No such file"}},
        BadRequest{"upscale", {"--image", "nowhere.png"}, 3, {"nowhere.png: No such file"}},
        BadRequest{"img2img", {"--image", "folder"}, 3, {"folder: Is a directory"}},
        BadRequest{"img2img",
                   {"--image", "text.png"},
                   3,
                   {"text.png: expected a PNG, JPEG, WebP, GIF, BMP or TIFF"}},
        BadRequest{"img2img", {"--image", "cut.png"}, 3, {"cut.png", "ends too early"}},
        BadRequest{"upscale", {"--image", "cut.png"}, 3, {"cut.png", "ends too early"}},
        BadRequest{"img2img", {"--image", "huge.png"}, 3, {"huge.png: 100000 x 100000", "16384"}},
        BadRequest{"upscale", {"--image", "many.png"}, 3, {"many.png: 16384 x 16384 pixels"}},
        BadRequest{"img2img", {"--image", "dot.png"}, 3, {"the picture is 2x2 pixels", "8x8"}},
        BadRequest{
            "depth2img", {"--image", "dot.png", "--depth-map", "depth.png"}, 3, {"2x2 pixels"}},
        BadRequest{"upscale",
                   {"--image", "dot.png", "--resize", "stretch"},
                   3,
                   {"the picture is smaller than 4x4 pixels", "--resize pad"}},
        BadRequest{"inpaint", {"--image", "in.png", "--mask", "nowhere.png"}, 3, {"nowhere.png"}},
        BadRequest{"inpaint", {"--image", "in.png", "--mask", "cut.png"}, 3, {"cut.png"}},
        BadRequest{
            "depth2img", {"--image", "in.png", "--depth-map", "text.png"}, 3, {"text.png"}}));

INSTANTIATE_TEST_SUITE_P(
    StandardInput, BadPicture,
    ::testing::Values(
        BadRequest{
            "img2img", {"--image", "-", "--prompt", "-"}, 2, {"--image -", "taken by PROMPT"}},
        BadRequest{
            "upscale", {"--image", "-", "--prompt", "-"}, 2, {"--image -", "taken by PROMPT"}},
        BadRequest{"inpaint",
                   {"--image", "in.png", "--mask", "-", "--prompt", "-"},
                   2,
                   {"--mask -", "taken by PROMPT"}},
        BadRequest{"inpaint", {"--image", "-", "--mask", "-"}, 2, {"--mask -", "taken by --image"}},
        BadRequest{"depth2img",
                   {"--image", "-", "--depth-map", "-"},
                   2,
                   {"--depth-map -", "taken by --image"}},
        BadRequest{"img2img", {"--image", "-", "-m", "no-such-model"}, 3, {"no-such-model"}}));

INSTANTIATE_TEST_SUITE_P(
    Start, BadPicture,
    ::testing::Values(
        BadRequest{
            "img2img", {"-i", "in.png", "--strength", "0"}, 2, {"strength 0 leaves none of the 3"}},
        BadRequest{
            "img2img", {"-i", "in.png", "--strength", "0.3"}, 2, {"strength 0.3 leaves none"}},
        BadRequest{"img2img", {"-i", "in.png", "--strength", "1.5"}, 2, {"--strength", "0 to 1"}},
        BadRequest{"img2img", {"-i", "in.png", "--strength", "nan"}, 2, {"--strength", "0 to 1"}},
        BadRequest{"inpaint",
                   {"-i", "in.png", "--mask", "mask.png", "--strength", "0.2"},
                   2,
                   {"strength 0.2 leaves none"}},
        BadRequest{"depth2img",
                   {"-i", "in.png", "--depth-map", "depth.png", "--strength", "0.2"},
                   2,
                   {"strength 0.2 leaves none"}},
        BadRequest{"img2img", {"-i", "in.png", "-W", "36"}, 2, {"--width 36", "32 and 40"}},
        BadRequest{"depth2img",
                   {"-i", "in.png", "--depth-map", "depth.png", "-H", "44"},
                   2,
                   {"--height 44", "40 and 48"}},
        BadRequest{"img2img", {"-i", "in.png", "-H", "4"}, 2, {"--height", "8 to 16384"}},
        BadRequest{"upscale", {"-i", "in.png", "-W", "64"}, 2, {"unknown option -W"}},
        BadRequest{
            "img2img", {"-i", "in.png", "--resize", "foo"}, 2, {"foo", "stretch, crop or pad"}},
        BadRequest{
            "img2img", {"-i", "in.png", "--vae-tile", "abc"}, 2, {"--vae-tile abc", "auto, off"}},
        BadRequest{
            "img2img", {"-i", "in.png", "--vae-tile", "7"}, 2, {"--vae-tile 7", "8 from 32"}},
        BadRequest{
            "img2img", {"-i", "in.png", "--vae-tile", "36"}, 2, {"--vae-tile 36", "8 from 32"}},
        BadRequest{"img2img", {"-i", "in.png", "--vae-tile", "0"}, 2, {"--vae-tile 0", "off"}},
        BadRequest{"img2img", {"-i", "in.png", "--vae-dtype", "int8"}, 2, {"--vae-dtype int8"}}));

INSTANTIATE_TEST_SUITE_P(
    Mask, BadPicture,
    ::testing::Values(
        BadRequest{"inpaint", {"-i", "in.png"}, 2, {"inpaint needs --mask or --extend"}},
        BadRequest{"inpaint", {"-i", "in.png", "--extend", "left"}, 2, {"--extend left: expected"}},
        BadRequest{"inpaint", {"-i", "in.png", "--extend", "up=8"}, 2, {"left=128,right=64"}},
        BadRequest{"inpaint", {"-i", "in.png", "--extend", "left=-8"}, 2, {"left=128,right=64"}},
        BadRequest{"inpaint", {"-i", "in.png", "--extend", "left=8,"}, 2, {"left=128,right=64"}},
        BadRequest{"inpaint", {"-i", "in.png", "--extend", "left=8px"}, 2, {"left=128,right=64"}},
        BadRequest{"inpaint", {"-i", "in.png", "--extend", "left=8,left=8"}, 2, {"each once"}},
        BadRequest{"inpaint", {"-i", "in.png", "--extend", "left=16385"}, 2, {"left=128,right=64"}},
        BadRequest{
            "inpaint", {"-i", "in.png", "--extend", ""}, 2, {"--extend", "left=128,right=64"}},
        BadRequest{
            "inpaint", {"-i", "in.png", "--extend", "left=0"}, 2, {"needs --mask or --extend"}},
        BadRequest{
            "inpaint", {"-i", "in.png", "--extend", "left=5"}, 2, {"--extend: the width 37"}},
        BadRequest{
            "inpaint", {"-i", "in.png", "--extend", "top=5"}, 2, {"--extend: the height 37"}},
        BadRequest{"inpaint",
                   {"-i", "in.png", "--mask", "mask.png", "--mask-crop", "4", "--no-paste"},
                   2,
                   {"--mask-crop", "--no-paste"}},
        BadRequest{"inpaint",
                   {"-i", "in.png", "--mask", "mask.png", "--mask-crop", "4", "--resize", "pad"},
                   2,
                   {"--mask-crop", "--resize"}},
        BadRequest{"inpaint",
                   {"-i", "in.png", "--mask", "black.png", "--mask-crop", "4"},
                   3,
                   {"the mask is black"}},
        BadRequest{"inpaint",
                   {"-i", "in.png", "--mask", "mask.png", "--mask-blur", "-1"},
                   2,
                   {"--mask-blur", "0 to 1024"}},
        BadRequest{"inpaint",
                   {"-i", "in.png", "--mask", "mask.png", "--mask-crop", "x"},
                   2,
                   {"--mask-crop x: expected a whole number from 0 to 16384"}}));

INSTANTIATE_TEST_SUITE_P(
    Depth, BadPicture,
    ::testing::Values(
        BadRequest{"depth2img",
                   {"-i", "in.png"},
                   2,
                   {"no depth estimator: give --depth-estimator or --depth-map"}},
        BadRequest{"depth2img",
                   {"-i", "in.png", "--depth-map", "depth.png", "--resize", "crop"},
                   2,
                   {"--depth-map", "--resize stretch only"}},
        BadRequest{"depth2img",
                   {"-i", "in.png", "--depth-map", "depth.png", "--save-depth", "d.jpg"},
                   2,
                   {"--save-depth d.jpg: expected a name that ends in .png"}},
        BadRequest{"depth2img",
                   {"-i", "in.png", "--depth-map", "depth.png", "--save-depth", "-"},
                   2,
                   {"--save-depth -: expected a name that ends in .png"}},
        BadRequest{
            "depth2img",
            {"-i", "in.png", "--depth-map", "depth.png", "--save-depth", "/proc/nowhere/d.png"},
            6,
            {"/proc/nowhere: cannot be written to"}},
        BadRequest{"depth2img",
                   {"-i", "in.png", "--depth-map", "depth.png", "--save-depth", "in.png/d.png"},
                   6,
                   {"in.png: cannot be written to"}}));

INSTANTIATE_TEST_SUITE_P(
    Upscale, BadPicture,
    ::testing::Values(
        BadRequest{
            "upscale", {"-i", "in.png", "--noise-level", "351"}, 2, {"--noise-level 351", "350"}},
        BadRequest{"upscale", {"-i", "in.png", "--noise-level", "-1"}, 2, {"--noise-level"}},
        BadRequest{"upscale", {"-i", "in.png", "--tile", "8"}, 2, {"--tile 8", "16"}},
        BadRequest{"upscale",
                   {"-i", "in.png", "--tile", "32", "--tile-overlap", "17"},
                   2,
                   {"--tile-overlap 17: expected 0 … 16"}}));

INSTANTIATE_TEST_SUITE_P(
    ModelOfAnotherKind, BadPicture,
    ::testing::Values(
        BadRequest{
            "img2img", {"-i", "in.png", "-m", kModels + "tiny-inpaint"}, 2, {"velatura inpaint"}},
        BadRequest{
            "img2img", {"-i", "in.png", "-m", kModels + "tiny-depth"}, 2, {"velatura depth2img"}},
        BadRequest{
            "img2img", {"-i", "in.png", "-m", kModels + "tiny-upscale"}, 2, {"velatura upscale"}},
        BadRequest{"inpaint",
                   {"-i", "in.png", "--mask", "mask.png", "-m", kModels + "tiny-depth"},
                   2,
                   {"velatura depth2img"}},
        BadRequest{"depth2img",
                   {"-i", "in.png", "--depth-map", "depth.png", "-m", kModels + "tiny"},
                   2,
                   {"txt2img, img2img and inpaint"}},
        BadRequest{"upscale", {"-i", "in.png", "-m", kModels + "tiny"}, 2, {"txt2img, img2img"}}));

}  // namespace
}  // namespace velatura::testing
