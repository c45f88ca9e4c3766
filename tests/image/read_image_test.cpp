#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "image/bytes.h"
#include "image/decode.h"
#include "image/exif.h"
#include "image/fixtures.h"
#include "support/temporary_folder.h"
#include "support/warnings.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
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

int largest_difference(std::string_view a, std::string_view b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(int{static_cast<std::uint8_t>(a[i])} -
                                         int{static_cast<std::uint8_t>(b[i])}));
  }
  return largest;
}

// Pillow brings a libjpeg of its own.
int tolerance(const std::string& name) {
  return name == "tiff_jpeg" ? 1 : 0;
}

TEST(DecodeImage, GivesTheColoursOfEveryKind) {
  for (const auto& picture : pictures().cases) {
    if (picture.contains("refused")) continue;
    const auto& name = picture.at("name").get_ref<const std::string&>();
    SCOPED_TRACE(name);
    const Image image = decode_image(as_byte_view(pictures().file(picture)), name);
    ASSERT_EQ(image.width, picture.at("width"));
    ASSERT_EQ(image.height, picture.at("height"));
    const auto rgb = pictures().bytes(picture.at("rgb"), image.pixels.size());
    EXPECT_LE(largest_difference(text(image.pixels), rgb), tolerance(name));
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
    if (tolerance(name) > 0) continue;
    EXPECT_TRUE(little_endian(image.values) ==
                pictures().bytes(picture.at("gray"), 2 * image.values.size()));
  }
}

TEST(DecodeImage, WarnsOfWhatItReadsAllTheSame) {
  for (const auto& picture : pictures().cases) {
    if (picture.contains("refused")) continue;
    const auto& name = picture.at("name").get_ref<const std::string&>();
    SCOPED_TRACE(name);
    Warnings warnings;
    decode_gray_image(as_byte_view(pictures().file(picture)), "FILE", &warnings);
    if (picture.contains("warns")) {
      const std::string warning = "FILE: " + picture.at("warns").get<std::string>();
      EXPECT_THAT(warnings.heard, ElementsAre(StartsWith(warning)));
    } else {
      EXPECT_THAT(warnings.heard, IsEmpty());
    }
  }
}

TEST(DecodeImage, SaysThatWhatIsTransparentIsLaidOnWhite) {
  for (const auto& [name, see_through] :
       {std::pair{"png_rgba_8", true}, {"gif_transparent", true}, {"png_rgb_8", false}}) {
    Warnings warnings;
    decode_image(as_byte_view(picture_file(name)), "FILE", &warnings);
    EXPECT_EQ(warnings.heard.size(), see_through ? 1u : 0u) << name;
    for (const auto& warning : warnings.heard) {
      EXPECT_EQ(warning, "FILE: what is transparent in it is laid on white");
    }
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
