#include <gmock/gmock.h>

#include <fstream>

#include "image/bytes.h"
#include "image/decode.h"
#include "image/exif.h"
#include "image/fixtures.h"
#include "support/temporary_folder.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura {
namespace {

using testing::HasSubstr;
using ReadImage = InTemporaryFolder;

std::string text(const std::vector<std::uint8_t>& values) {
  return {values.begin(), values.end()};
}

std::string little_endian(const std::vector<std::uint16_t>& values) {
  std::string bytes;
  for (const std::uint16_t value : values) {
    bytes += static_cast<char>(value & 0xFFu);
    bytes += static_cast<char>(value >> 8u);
  }
  return bytes;
}

void write(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(DecodeImage, GivesTheColoursOfEveryKind) {
  for (const auto& picture : pictures().cases) {
    if (picture.contains("refused")) continue;
    const auto& name = picture.at("name").get_ref<const std::string&>();
    SCOPED_TRACE(name);
    const Image image = decode_image(as_byte_view(pictures().file(picture)), name);
    ASSERT_EQ(image.width, picture.at("width"));
    ASSERT_EQ(image.height, picture.at("height"));
    EXPECT_TRUE(text(image.pixels) == pictures().bytes(picture.at("rgb"), image.pixels.size()));
  }
}

TEST(DecodeGrayImage, GivesTheGreyOfEveryKind) {
  for (const auto& picture : pictures().cases) {
    if (picture.contains("refused")) continue;
    const auto& name = picture.at("name").get_ref<const std::string&>();
    SCOPED_TRACE(name);
    const GrayImage image = decode_gray_image(as_byte_view(pictures().file(picture)), name);
    ASSERT_EQ(image.width, picture.at("width"));
    ASSERT_EQ(image.height, picture.at("height"));
    EXPECT_TRUE(little_endian(image.values) ==
                pictures().bytes(picture.at("gray"), 2 * image.values.size()));
  }
}

TEST(DecodeImage, SaysWhyAKindIsRefused) {
  for (const auto& picture : pictures().cases) {
    if (!picture.contains("refused")) continue;
    try {
      decode_image(as_byte_view(pictures().file(picture)), "FILE");
      ADD_FAILURE() << picture.at("name") << " was accepted";
    } catch (const InputError& error) {
      EXPECT_EQ(error.what(), "FILE: " + picture.at("refused").get<std::string>());
    }
  }
}

TEST_F(ReadImage, GoesByContentNotByName) {
  for (const auto format : {ImageFormat::png, ImageFormat::jpeg, ImageFormat::webp}) {
    write(folder_ / "picture.txt", as_text(encode_image(gradient(24, 16), format, {"a", "{}"})));
    EXPECT_LE(largest_difference(read_image(folder_ / "picture.txt"), gradient(24, 16)), 12);
    EXPECT_EQ(read_gray_image(folder_ / "picture.txt").values.size(), 384u);
  }
}

TEST_F(ReadImage, NamesTheFile) {
  write(folder_ / "a.png", "no picture");
  for (const auto& path : {folder_ / "a.png", folder_ / "missing.png", folder_}) {
    try {
      read_image(path);
      ADD_FAILURE() << path << " was accepted";
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path.string() + ": "));
    }
  }
}

TEST_F(ReadImage, ReadsNoFileOver256MiB) {
  write(folder_ / "a.png", "\x89PNG\r\n\x1A\n");
  std::filesystem::resize_file(folder_ / "a.png", (256u << 20) + 1);
  EXPECT_THROW(read_image(folder_ / "a.png"), InputError);
}

TEST(ReadOrientation, IsUprightWhereTheBlockIsDamaged) {
  const std::string file = picture_file("jpeg_orientation_6");
  const std::string block = file.substr(file.find("Exif"), 6 + 8 + 2 + 10);
  EXPECT_EQ(read_orientation(as_byte_view(block)), 6);
  for (std::size_t size = 0; size < block.size(); ++size) {
    EXPECT_EQ(read_orientation(as_byte_view(block.substr(0, size))), 1) << size;
  }
}

}  // namespace
}  // namespace velatura
