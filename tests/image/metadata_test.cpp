#include <gmock/gmock.h>
#include <libdeflate.h>

#include <string>

#include "image/decode.h"
#include "image/exif.h"
#include "image/read_metadata.h"
#include "image/xmp.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using namespace std::string_view_literals;
using testing::HasSubstr;
using testing::Not;

constexpr ImageFormat kFormats[] = {ImageFormat::png, ImageFormat::jpeg, ImageFormat::webp};
const std::string kSource =
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

std::string file(ImageFormat format, const Metadata& metadata) {
  return std::string(as_text(encode_image(gradient(16, 8), format, metadata)));
}

Metadata read(const std::string& bytes) {
  return read_metadata(as_byte_view(bytes), "FILE");
}

void expect_refused(const std::string& bytes, const char* reason) {
  try {
    read(bytes);
    ADD_FAILURE() << "accepted; expected: " << reason;
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr(reason));
    EXPECT_THAT(error.what(), HasSubstr("FILE: "));
  }
}

TEST(ReadMetadata, GivesBackWhatWasWritten) {
  const Metadata cases[] = {
      {"plain\nSteps: 20, Sampler: DDIM, Seed: 1", R"({"prompt":"plain"})"},
      {"café, naïve ÿ", R"({"prompt":"café"})"},
      {"猫と 😀 👩‍🚀 <b>&amp;</b>", R"({"prompt":"猫 😀 <b>&amp;</b> ]]> \" \\ "})"},
      {"only parameters", ""},
      {"", R"({"only":"receipt"})"},
      {std::string(20000, 'x') + "ß", "{\"long\":\"" + std::string(20000, '<') + "\"}"},
  };
  for (const auto format : kFormats) {
    for (const Metadata& metadata : cases) {
      if (format == ImageFormat::jpeg && metadata.receipt.size() > 10000) continue;  // see below
      const Metadata found = read(file(format, metadata));
      EXPECT_EQ(found.parameters, metadata.parameters);
      EXPECT_EQ(found.receipt, metadata.receipt);
    }
    EXPECT_EQ(read(file(format, {})).parameters, "");
  }
}

TEST(Metadata, SaysThatAModelMadeThePicture) {
  for (const auto format : kFormats) {
    for (const Metadata& metadata : {Metadata{}, Metadata{"p", "{}"}}) {
      EXPECT_THAT(file(format, metadata), HasSubstr("DigitalSourceType>" + kSource + "<"));
    }
  }
}

TEST(PngMetadata, IsLatin1WhereItCanBe) {
  const std::string latin = file(ImageFormat::png, {"caf\u00E9", "{}"});
  EXPECT_THAT(latin, HasSubstr("tEXtparameters\0caf\xE9"sv));
  EXPECT_THAT(latin, HasSubstr("tEXtvelatura\0{}"sv));
  const std::string other = file(ImageFormat::png, {"猫", "{}"});
  EXPECT_THAT(other, HasSubstr("iTXtparameters\0\0\0\0\0猫"sv));
  EXPECT_THAT(other, HasSubstr("iTXtXML:com.adobe.xmp\0\0\0\0\0<?xpacket"sv));
}

TEST(JpegMetadata, IsWhereWebUisLook) {
  const std::string jpeg = file(ImageFormat::jpeg, {"a猫😀", "{}"});
  EXPECT_THAT(jpeg, HasSubstr("Exif\0\0MM\0\x2A"sv));
  EXPECT_THAT(jpeg, HasSubstr("UNICODE\0\0a\x73\x2B\xD8\x3D\xDE\x00"sv));
  EXPECT_THAT(jpeg, HasSubstr("http://ns.adobe.com/xap/1.0/\0<?xpacket"sv));
}

TEST(JpegMetadata, RefusesTextThatDoesNotFit) {
  EXPECT_THROW(file(ImageFormat::jpeg, {std::string(40000, 'x'), ""}), OutputError);
  EXPECT_THROW(file(ImageFormat::jpeg, {"", std::string(70000, 'x')}), OutputError);
  EXPECT_NO_THROW(file(ImageFormat::jpeg, {std::string(32000, 'x'), std::string(60000, 'x')}));
}

TEST(WebpMetadata, IsInItsChunks) {
  const std::string webp = file(ImageFormat::webp, {"a", "{}"});
  EXPECT_THAT(webp, HasSubstr("UNICODE\0\0a"sv));
  EXPECT_THAT(webp, HasSubstr("VP8X"));
  EXPECT_THAT(webp, HasSubstr("XMP "));
}

TEST(ReadMetadata, RefusesDamagedFiles) {
  expect_refused("", "expected a PNG, JPEG or WebP picture");
  expect_refused("GIF89a", "expected a PNG, JPEG or WebP picture");
  for (const auto format : kFormats) {
    const std::string whole = file(format, {"parameters", "{}"});
    const std::size_t end = format == ImageFormat::jpeg ? whole.find("\xFF\xDA") : whole.size();
    for (std::size_t size = 0; size < end; ++size) {
      EXPECT_THROW(read(whole.substr(0, size)), InputError) << size << " bytes";
    }
  }
}

TEST(ReadMetadata, ChecksThePngChecksums) {
  std::string png = file(ImageFormat::png, {"parameters", "{}"});
  png[png.find("tEXtparameters") + 6] ^= 1;
  expect_refused(png, "checksum");
}

TEST(ReadMetadata, SurvivesAnyChangedByte) {
  for (const auto format : kFormats) {
    const std::string whole = file(format, {"parameters", "{}"});
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const char value : {'\0', '\x7F', '\xFF'}) {
        std::string changed = whole;
        changed[i] = value;
        try {
          read(changed);
        } catch (const InputError&) {
        }
      }
    }
  }
}

TEST(Exif, ReadsLittleEndianBlocks) {
  // Header, one directory with a pointer to the Exif directory at 26, which has UserComment at 44.
  const std::string block(
      "II\x2A\0\x08\0\0\0"
      "\x01\0\x69\x87\x04\0\x01\0\0\0\x1A\0\0\0\0\0\0\0"
      "\x01\0\x86\x92\x07\0\x0C\0\0\0\x2C\0\0\0\0\0\0\0"
      "UNICODE\0\0a\0b"sv);
  EXPECT_EQ(read_user_comment(as_byte_view(block)), "ab");
}

TEST(Exif, IgnoresDamagedBlocks) {
  const std::string block(as_text(exif_block("text")));
  for (std::size_t size = 0; size < block.size(); ++size) {
    EXPECT_EQ(read_user_comment(as_byte_view(block.substr(0, size))), std::nullopt) << size;
  }
  EXPECT_EQ(read_user_comment(as_byte_view(block)), "text");
}

TEST(Xmp, EscapesTheReceipt) {
  const std::string packet = xmp_packet("<a> & </velatura:receipt>");
  EXPECT_THAT(packet, HasSubstr(">&lt;a&gt; &amp; &lt;/velatura:receipt&gt;<"));
  EXPECT_EQ(receipt_from_xmp(packet), "<a> & </velatura:receipt>");
  EXPECT_THAT(xmp_packet(""), Not(HasSubstr("receipt")));
  EXPECT_EQ(receipt_from_xmp(xmp_packet("")), "");
}

}  // namespace
}  // namespace velatura
