#include <gmock/gmock.h>

#include <random>
#include <string>

#include "image/decode.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura {
namespace {

const Metadata kText = {"a cat\nSteps: 20, Sampler: DDIM, Seed: 1", R"({"prompt":"a cat"})"};

TEST(ImageFormat, FollowsTheExtension) {
  EXPECT_EQ(image_format("a/b.png"), ImageFormat::png);
  EXPECT_EQ(image_format("b.PNG"), ImageFormat::png);
  EXPECT_EQ(image_format("b.jpg"), ImageFormat::jpeg);
  EXPECT_EQ(image_format("b.x.Jpeg"), ImageFormat::jpeg);
  EXPECT_EQ(image_format("b.webp"), ImageFormat::webp);
  for (const char* path : {"b", "b.gif", "png", ".png", "b.png/", ""}) {
    EXPECT_THROW(image_format(path), UsageError) << path;
  }
}

TEST(EncodeImage, PngKeepsEveryPixel) {
  std::mt19937 random(1);
  for (const auto& [width, height] : {std::pair{1, 1}, {7, 3}, {64, 64}, {513, 5}, {5, 513}}) {
    Image noise = gradient(width, height);
    for (auto& value : noise.pixels) value = static_cast<std::uint8_t>(random());
    EXPECT_EQ(largest_difference(decode_image(encode_image(noise, ImageFormat::png, kText)), noise),
              0);
  }
}

TEST(EncodeImage, JpegAndWebpStayClose) {
  for (const auto format : {ImageFormat::jpeg, ImageFormat::webp}) {
    const Image image = gradient(96, 64);
    EXPECT_LE(largest_difference(decode_image(encode_image(image, format, kText)), image), 8);
  }
}

TEST(EncodeImage, PngIsSmall) {
  const Image flat{256, 256, std::vector<std::uint8_t>(256 * 256 * 3, 200)};
  EXPECT_LT(encode_image(flat, ImageFormat::png, {}).size(), 1500u);
}

TEST(EncodeImage, IsTheSameEachTime) {
  for (const auto format : {ImageFormat::png, ImageFormat::jpeg, ImageFormat::webp}) {
    EXPECT_EQ(encode_image(gradient(33, 17), format, kText),
              encode_image(gradient(33, 17), format, kText));
  }
}

TEST(EncodeImage, RefusesPicturesWhoseSizeIsNotTheirs) {
  for (const auto format : {ImageFormat::png, ImageFormat::jpeg, ImageFormat::webp}) {
    Image image = gradient(8, 8);
    image.pixels.pop_back();
    EXPECT_THROW(encode_image(image, format, kText), OutputError);
    EXPECT_THROW(encode_image(Image{}, format, kText), OutputError);
    EXPECT_THROW(encode_image(Image{-1, -1, {1, 2, 3}}, format, kText), OutputError);
  }
}

TEST(EncodeImage, RefusesSidesTheFormatCannotHold) {
  EXPECT_THROW(encode_image(gradient(16384, 1), ImageFormat::webp, kText), OutputError);
  EXPECT_EQ(decode_image(encode_image(gradient(16383, 1), ImageFormat::webp, kText)).width, 16383);
  EXPECT_THROW(encode_image(gradient(1, 65536), ImageFormat::jpeg, kText), OutputError);
  EXPECT_EQ(decode_image(encode_image(gradient(1, 65536), ImageFormat::png, kText)).height, 65536);
}

}  // namespace
}  // namespace velatura
