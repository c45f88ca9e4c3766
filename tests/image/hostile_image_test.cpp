// Damaged and hostile picture files: an error in one line, or a picture; never a crash, nothing on
// standard error.
#include <gmock/gmock.h>
#include <libdeflate.h>

#include <algorithm>
#include <string>

#include "image/bytes.h"
#include "image/decode.h"
#include "image/fixtures.h"
#include "support/warnings.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class HostileImage : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::internal::CaptureStderr(); }
  void TearDown() override { EXPECT_EQ(::testing::internal::GetCapturedStderr(), ""); }
};

// The error, or nothing if the bytes are a picture.
std::string refusal(const std::string& bytes, Observer* observer = nullptr) {
  try {
    const Image image = decode_image(as_byte_view(bytes), "FILE", observer);
    EXPECT_EQ(image.pixels.size(), std::size_t{3} * static_cast<std::size_t>(image.width) *
                                       static_cast<std::size_t>(image.height));
    return {};
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("FILE: ")) << message;
    EXPECT_EQ(std::ranges::count_if(message, [](unsigned char c) { return c < ' '; }), 0);
    return message;
  }
}

// An error, or a warning of something else than transparency.
bool is_noticed(const std::string& bytes) {
  Warnings warnings;
  if (!refusal(bytes, &warnings).empty()) return true;
  return std::ranges::any_of(warnings.heard, [](const std::string& warning) {
    return warning.find("transparent") == std::string::npos;
  });
}

// How much may be missing at the end: what is behind the pixels, as in Pillow.
std::size_t idle_end(const std::string& name) {
  if (name.starts_with("png")) return 16;
  if (name == "gif_animated" || name == "webp_animated") return 0;
  if (name == "bmp_palette") return 1;  // what fills the last row up
  if (name == "tiff_group4") return 4;  // where the next picture would be
  return name.starts_with("gif") ? 1 : 0;
}

const char* const kWholeFiles[] = {"png_rgba_16_interlaced",
                                   "png_palette_4_transparent",
                                   "png_oriented",
                                   "jpeg_420",
                                   "jpeg_444_progressive",
                                   "jpeg_orientation_6",
                                   "jpeg_restarts",
                                   "webp_lossy_rgba",
                                   "webp_lossless_rgba",
                                   "webp_orientation_3",
                                   "gif_interlaced",
                                   "gif_transparent",
                                   "bmp_palette",
                                   "bmp_4_bits",
                                   "bmp_rgba",
                                   "tiff_rgba_lzw",
                                   "tiff_palette",
                                   "tiff_jpeg",
                                   "tiff_group4",
                                   "webp_animated",
                                   "jpeg_cmyk"};

std::string big_endian(std::uint32_t value) {
  Bytes bytes;
  append_big_endian(bytes, value, 4);
  return std::string(as_text(bytes));
}

std::string chunk(const std::string& type_and_data) {
  const std::uint32_t crc = libdeflate_crc32(0, type_and_data.data(), type_and_data.size());
  return big_endian(static_cast<std::uint32_t>(type_and_data.size() - 4)) + type_and_data +
         big_endian(crc);
}

/// @param format  the bytes of depth and colour type
std::string png(std::uint32_t width, std::uint32_t height, const std::string& format) {
  const std::string header = "IHDR" + big_endian(width) + big_endian(height) + format;
  return "\x89PNG\r\n\x1A\n" + chunk(header + std::string(3, '\0')) + chunk("IDAT") + chunk("IEND");
}

TEST_F(HostileImage, NoPicture) {
  const char* const kReason = "FILE: expected a PNG, JPEG, WebP, GIF, BMP or TIFF picture";
  for (const std::string bytes : {"text\n", "RIFF1234WAVE", "RIFX1234WEBP"})
    EXPECT_EQ(refusal(bytes), kReason);
  EXPECT_EQ(refusal(std::string("\0\0\0\x20", 4) + "ftypavif"),
            "FILE: an AVIF picture, expected a PNG, JPEG, WebP, GIF, BMP or TIFF picture");
  for (const std::string head : {"GIF89a", "BM", "MM"}) {
    EXPECT_NE(refusal(head + std::string("\0*\0\0\0\x08", 6)), "");
  }
}

TEST_F(HostileImage, FailedDownloads) {
  const std::string kFailed = "FILE: this is a failed download: ";
  EXPECT_EQ(refusal(""), kFailed + "the file is empty");
  EXPECT_EQ(refusal(std::string(1000, '\0')), kFailed + "there are only zeros in it");
  EXPECT_EQ(refusal("Entry not found"), kFailed + "the server said 'Entry not found'");
  EXPECT_THAT(refusal("<!DOCTYPE html><title>Oh</title>"), HasSubstr("a web page, 'Oh'"));
  EXPECT_THAT(refusal("version https://git-lfs.github.com/spec/v1\n"),
              HasSubstr("a Git LFS pointer"));
  EXPECT_EQ(refusal(std::string("\x40\0\0\0\0\0\0\0{\"a\": ", 14)),
            "FILE: this is a failed download or the wrong file: a safetensors file, not a picture");
  EXPECT_THAT(refusal("PK\3\4"), HasSubstr("a PyTorch checkpoint or a zip archive, not a picture"));
}

TEST_F(HostileImage, Truncated) {
  for (const char* name : kWholeFiles) {
    const std::string whole = picture_file(name);
    EXPECT_EQ(refusal(whole), "") << name;
    for (std::size_t size = 0; size < whole.size() - idle_end(name); ++size) {
      EXPECT_NE(refusal(whole.substr(0, size)), "") << name << ", " << size << " bytes";
    }
  }
}

TEST_F(HostileImage, OneBitChanged) {
  for (const char* name : kWholeFiles) {
    const std::string whole = picture_file(name);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::string changed = whole;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      const bool noticed = is_noticed(changed);
      if (whole.starts_with("\x89PNG")) {
        EXPECT_TRUE(noticed) << name << ", bit " << bit;
      }
    }
  }
}

TEST_F(HostileImage, OneByteSetOrStretchErased) {
  for (const char* name : kWholeFiles) {
    const std::string whole = picture_file(name);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const char value : {'\0', '\x7F', '\xFF'}) {
        std::string changed = whole;
        changed[at] = value;
        refusal(changed);
      }
      refusal(std::string(whole).erase(at, 1 + at % 40));
    }
  }
}

TEST_F(HostileImage, PngChecksum) {
  for (const char* chunk_name : {"IHDR", "PLTE", "tRNS"}) {
    std::string changed = picture_file("png_palette_4_transparent");
    const std::size_t at = changed.find(chunk_name);
    const std::size_t size = static_cast<unsigned char>(changed[at - 1]);
    changed[at + 4 + size] ^= 1;
    EXPECT_THAT(refusal(changed), EndsWith(std::string(chunk_name) + ": CRC error"));
  }
  const std::string text = chunk("tEXtkey\x01value");
  std::string with_text = picture_file("png_oriented");
  with_text.insert(33, text);
  EXPECT_EQ(refusal(with_text), "");
  with_text[33 + text.size() - 1] ^= 1;
  EXPECT_THAT(refusal(with_text), EndsWith("tEXt: CRC error"));
}

TEST_F(HostileImage, PngWithBadDeflateOrPalette) {
  for (const std::string& data :
       {std::string(), std::string("\x78\x9C"), std::string(50, '\x55')}) {
    std::string file = png(3, 3, {8, 2});
    file.replace(33, 12, chunk("IDAT" + data));
    EXPECT_NE(refusal(file), "");
  }
  EXPECT_NE(refusal(png(3, 3, {8, 3})), "") << "no palette";
  EXPECT_NE(refusal(png(3, 3, {3, 0})), "") << "depth 3";
}

// Two grey pixels in a deflate block that is stored as it is.
TEST_F(HostileImage, PngWhoseStreamEndsWrong) {
  const std::string row("\0\x10\x20", 3), block("\x01\x03\0\xFC\xFF", 5);
  const std::string sum = big_endian(libdeflate_adler32(1, row.data(), row.size()));
  const auto with_data = [](const std::string& data) {
    return png(2, 1, {8, 0}).replace(33, 12, chunk("IDAT\x78\x01" + data));
  };
  EXPECT_EQ(refusal(with_data(block + row + sum)), "");
  EXPECT_TRUE(is_noticed(with_data(block + row))) << "no checksum";
  EXPECT_TRUE(is_noticed(with_data(block + row + "\x01\x02\x03\x04"))) << "a wrong checksum";
  EXPECT_TRUE(is_noticed(with_data(block + row + sum + "more"))) << "further data";
  EXPECT_NE(refusal(with_data(block + row.substr(0, 2))), "") << "a pixel too few";
}

TEST_F(HostileImage, Sizes) {
  EXPECT_THAT(refusal(png(16385, 1, {8, 2})),
              EndsWith("16385 x 1 pixels, expected at most 16384 a side"));
  EXPECT_THAT(refusal(png(1, 0x7FFFFFFF, {8, 2})), EndsWith("expected at most 16384 a side"));
  EXPECT_THAT(refusal(png(16384, 16384, {1, 0})),
              EndsWith("16384 x 16384 pixels, expected at most 67108864 in all"));
  EXPECT_THAT(refusal(png(8192, 8192, {16, 2})), HasSubstr("expected at most 256 MiB"));
  for (const auto& [width, height] : {std::pair{0u, 5u}, {5u, 0u}, {0x80000001u, 1u}}) {
    EXPECT_NE(refusal(png(width, height, {8, 2})), "");
  }
}

TEST_F(HostileImage, JpegSizes) {
  const std::string whole = picture_file("jpeg_444");
  const std::size_t height = whole.find("\xFF\xC0") + 5;
  for (const auto& [size, reason] :
       {std::pair{std::string("\xFF\xFF\xFF\xFF"), "Maximum supported image dimension"},
        {std::string("\x40\x01\x00\x08", 4), "8 x 16385 pixels, expected at most 16384 a side"},
        {std::string("\x40\x00\x40\x00", 4), "expected at most 67108864 in all"},
        {std::string("\x00\x00\x00\x08", 4), "cannot be decoded"},
        {std::string("\x00\x08\x00\x00", 4), "cannot be decoded"}}) {
    EXPECT_THAT(refusal(std::string(whole).replace(height, 4, size)), HasSubstr(reason));
  }
  EXPECT_TRUE(is_noticed(std::string(whole).replace(height, 4, "\x04\x01\x04\x01")));
}

// The header of a colour picture with scans of one component each, as a grey picture has.
TEST_F(HostileImage, JpegWithEndlessScans) {
  const std::string colour = picture_file("jpeg_444"), grey = picture_file("jpeg_gray");
  const std::string head = colour.substr(0, colour.find("\xFF\xDA"));
  const std::string scan =
      grey.substr(grey.find("\xFF\xDA"), grey.size() - 2 - grey.find("\xFF\xDA"));
  const auto scan_of = [&](char component) {
    return std::string(scan).replace(5, 1, 1, component);
  };
  std::string jpeg = head + scan_of(1) + scan_of(2) + scan_of(3);
  EXPECT_EQ(refusal(jpeg + "\xFF\xD9"), "");
  for (int i = 0; i < 500; ++i) jpeg += scan_of(1);
  EXPECT_THAT(refusal(jpeg + "\xFF\xD9"), EndsWith("it has too many scans"));
}

TEST_F(HostileImage, WebpSizes) {
  const std::string whole = picture_file("webp_lossless_rgb");
  const std::size_t size = whole.find("VP8L") + 9;
  EXPECT_NE(refusal(std::string(whole).replace(size, 4, "\xFF\xFF\xFF\x0F")), "");
}

}  // namespace
}  // namespace velatura
