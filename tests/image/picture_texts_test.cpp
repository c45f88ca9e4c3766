#include <gmock/gmock.h>

#include <string>

#include "image/read_metadata.h"
#include "support/png_texts.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

const std::string kCafe = "caf\u00E9", kCafeInLatin1 = "caf\xE9";
constexpr std::size_t kMostText = 16u << 20;

PictureTexts texts_of(const std::string& chunks) {
  return read_picture_texts(as_byte_view(png_with(chunks)), "FILE");
}

std::string compressed(const std::string& key, const std::string& text) {
  return png_chunk("zTXt", key + "\0\0"s + zlib(text));
}

void expect_refused(const std::string& chunks) {
  try {
    texts_of(chunks);
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("FILE: "));
    EXPECT_THAT(error.what(), HasSubstr("16 MiB"));
  }
}

TEST(PictureTexts, AreReadFromEveryKindOfChunk) {
  const PictureTexts texts = texts_of(
      text_chunk("plain", kCafeInLatin1) + compressed("packed", kCafeInLatin1) +
      png_chunk("iTXt", "international\0\0\0fr\0langue\0"s + kCafe) +
      png_chunk("iTXt", "both\0\1\0fr\0langue\0"s + zlib(kCafe)) +
      png_chunk("iTXt", "not UTF-8\0\0\0\0\0"s + kCafeInLatin1) + text_chunk("empty", "") +
      png_chunk("teXt", "another\0chunk"s) + text_chunk("twice", "1") + text_chunk("twice", "2"));
  for (const char* key : {"plain", "packed", "international", "both", "not UTF-8"}) {
    ASSERT_TRUE(texts.contains(key)) << key;
    EXPECT_EQ(texts.at(key), kCafe) << key;
  }
  EXPECT_EQ(texts.at("empty"), "");
  EXPECT_EQ(texts.at("twice"), "2");
  EXPECT_FALSE(texts.contains("another"));
}

TEST(PictureTexts, AreUtf8WhereTheyCanBe) {
  const PictureTexts texts = texts_of(text_chunk("utf-8", kCafe) + compressed("packed", kCafe));
  EXPECT_EQ(texts.at("utf-8"), kCafe);
  EXPECT_EQ(texts.at("packed"), kCafe);
}

TEST(PictureTexts, ComeBackWhereLatin1LooksLikeUtf8) {
  const std::string odd = "\u00C3\u00A9 caf\u00E9";
  for (const std::string& text : {odd, "\u00C3\u00A9"s, kCafe, "plain"s}) {
    const auto file = encode_image({1, 1, {1, 2, 3}}, ImageFormat::png, {text, ""});
    EXPECT_EQ(read_picture_texts(file, "FILE").at("parameters"), text);
  }
}

TEST(PictureTexts, AreReadFromFilesWithoutAnEnd) {
  const std::string whole = png_with(text_chunk("a", "b"));
  for (std::size_t size = whole.find("IEND") - 8; size < whole.size(); ++size) {
    EXPECT_EQ(read_picture_texts(as_byte_view(whole.substr(0, size)), "FILE").at("a"), "b");
  }
}

TEST(PictureTexts, LeaveOutWhatIsNotComplete) {
  const PictureTexts texts =
      texts_of(png_chunk("zTXt", "method\0\1"s + zlib("x")) + png_chunk("zTXt", "short\0"s) +
               png_chunk("iTXt", "shorter\0\0"s) + png_chunk("iTXt", "key alone") +
               png_chunk("iTXt", "method\0\1\7\0\0"s + zlib("x")));
  EXPECT_EQ(texts.size(), 1u) << "the XMP packet";
}

TEST(PictureTexts, AreBounded) {
  const std::string half(kMostText / 2, 'x');
  EXPECT_EQ(texts_of(compressed("a", half)).at("a"), half);
  expect_refused(compressed("a", half) + compressed("b", half));
  expect_refused(text_chunk("a", half) + text_chunk("b", half));
  expect_refused(compressed("bomb", std::string(std::size_t{256} << 20, '\0')));
  expect_refused(png_chunk("iTXt", "bomb\0\1\0\0\0"s + zlib(std::string(kMostText + 1, ' '))));
  expect_refused(png_chunk("zTXt", "damaged\0\0not zlib"s));
  expect_refused(png_chunk("zTXt", "empty\0\0"s));
}

TEST(PictureTexts, HaveTheKeysOfVelaturaInOtherFormats) {
  for (const auto format : {ImageFormat::jpeg, ImageFormat::webp}) {
    const auto file = encode_image({1, 1, {1, 2, 3}}, format, {"parameters", "{}"});
    const PictureTexts texts = read_picture_texts(file, "FILE");
    EXPECT_EQ(texts.at("parameters"), "parameters");
    EXPECT_EQ(texts.at("velatura"), "{}");
  }
}

}  // namespace
}  // namespace velatura
