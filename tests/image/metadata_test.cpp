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

using namespace std::string_literals;
using namespace std::string_view_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr ImageFormat kFormats[] = {ImageFormat::png, ImageFormat::jpeg, ImageFormat::webp};
const std::string kSource =
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

std::string file(ImageFormat format, const Metadata& metadata) {
  return std::string(as_text(encode_image(gradient(16, 8), format, metadata)));
}

Metadata metadata_of(const std::string& bytes) {
  return read_metadata(as_byte_view(bytes), "FILE");
}

void expect_refused(const std::string& bytes, const char* reason) {
  try {
    metadata_of(bytes);
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
      const Metadata found = metadata_of(file(format, metadata));
      EXPECT_EQ(found.parameters, metadata.parameters);
      EXPECT_EQ(found.receipt, metadata.receipt);
    }
    EXPECT_EQ(metadata_of(file(format, {})).parameters, "");
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
  expect_refused("", "the file is empty");
  expect_refused("text\n", "expected a PNG, JPEG, WebP, GIF, BMP or TIFF picture");
  for (const auto format : kFormats) {
    const std::string whole = file(format, {"parameters", "{}"});
    const std::size_t end = format == ImageFormat::jpeg  ? whole.find("\xFF\xDA")
                            : format == ImageFormat::png ? whole.find("IDAT")
                                                         : whole.size();
    for (std::size_t size = 0; size < end; ++size) {
      EXPECT_THROW(metadata_of(whole.substr(0, size)), InputError) << size << " bytes";
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
          metadata_of(changed);
        } catch (const InputError&) {
        }
      }
    }
  }
}

// A block with one text in its Exif directory, or in its first one.
std::string exif_with(std::string_view order, std::string_view comment) {
  const auto number = [&](std::uint32_t value, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) {
      const int shift = 8 * (order == "MM" ? size - 1 - i : i);
      bytes += static_cast<char>(value >> shift & 0xFFu);
    }
    return bytes;
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::size_t count,
                         std::uint32_t value) {
    return number(tag, 2) + number(type, 2) + number(static_cast<std::uint32_t>(count), 4) +
           number(value, 4);
  };
  return std::string(order) + number(42, 2) + number(8, 4) +                   //
         number(1, 2) + entry(0x8769, 4, 1, 26) + number(0, 4) +               //
         number(1, 2) + entry(0x9286, 7, comment.size(), 44) + number(0, 4) +  //
         std::string(comment);
}

std::string comment_in(const std::string& block) {
  const PictureTexts texts = read_exif_texts(as_byte_view(block));
  const auto found = texts.find(kParametersKey);
  return found == texts.end() ? "" : found->second;
}

TEST(Exif, ReadsCommentsAsTheirWritersMeantThem) {
  const std::string kText = "caf\u00E9";
  const std::pair<std::string_view, std::string_view> comments[] = {
      {"big endian", "UNICODE\0\0c\0a\0f\0\xE9"sv},
      {"little endian", "UNICODE\0c\0a\0f\0\xE9\0"sv},
      {"big endian, marked", "UNICODE\0\xFE\xFF\0c\0a\0f\0\xE9"sv},
      {"little endian, marked", "UNICODE\0\xFF\xFE\x63\0a\0f\0\xE9\0"sv},
      {"small letters", "Unicode\0c\0a\0f\0\xE9\0"sv},
      {"UTF-8 said to be Unicode", "UNICODE\0caf\xC3\xA9"sv},
      {"ASCII that is UTF-8", "ASCII\0\0\0caf\xC3\xA9"sv},
      {"ASCII that is Latin-1", "ASCII\0\0\0caf\xE9\0\0"sv},
      {"undefined", "\0\0\0\0\0\0\0\0caf\xC3\xA9"sv},
      {"bare", "caf\xC3\xA9"sv},
      {"bare, marked", "\xEF\xBB\xBF\x63\x61\x66\xC3\xA9"sv},
      {"bare UTF-16", "c\0a\0f\0\xE9\0"sv},
  };
  for (const auto& [name, comment] : comments) {
    for (const char* order : {"MM", "II"}) {
      EXPECT_EQ(comment_in(exif_with(order, comment)), kText) << name << ", " << order;
      EXPECT_EQ(comment_in("Exif\0\0"s + exif_with(order, comment)), kText) << name;
    }
  }
  EXPECT_EQ(decode_user_comment("UNICODE\0\xD8\x3D\xDE\0\0a"sv), "\xF0\x9F\x98\x80\x61");
  EXPECT_EQ(decode_user_comment("UNICODE\0\0a\xD8\x3D"sv), "a\uFFFD") << "cut in two";
  EXPECT_EQ(decode_user_comment(""), "");
}

TEST(Exif, ReadsWhatComfyUiKeepsInOtherTextsPlaces) {
  std::string block = exif_with("MM", "bare");
  block.replace(10, 2, "\x01\x10"sv);  // the first directory's only entry becomes Model
  const std::string prompt = R"(prompt:{"3": {}})";
  block.replace(12, 10, "\0\x02\0\0\0\x10\0\0\0\x2C"sv);
  const PictureTexts texts = read_exif_texts(as_byte_view(block.substr(0, 44) + prompt));
  ASSERT_TRUE(texts.contains("prompt"));
  EXPECT_EQ(texts.at("prompt"), R"({"3": {}})");
}

TEST(Exif, IgnoresDamagedBlocks) {
  const std::string block(as_text(exif_block("text")));
  for (std::size_t size = 0; size < block.size(); ++size) {
    EXPECT_EQ(comment_in(block.substr(0, size)), "") << size;
  }
  EXPECT_EQ(comment_in(block), "text");
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
