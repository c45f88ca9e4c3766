#include "core/text.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>

namespace velatura {
namespace {

TEST(Utf8, ReadsEveryScalarValueItWrites) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    std::size_t i = 0;
    ASSERT_EQ(next_code_point(text, i), c);
    ASSERT_EQ(i, text.size());
    ASSERT_EQ(utf8_sequence_length(text.front()), text.size());
  }
}

TEST(Utf8, RefusesWhatIsIllFormed) {
  for (const char* text : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF",
                           "\xED\xA0\x80", "\xED\xBF\xBF", "\xEF\xBF", "\xF0\x8F\xBF\xBF",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    std::size_t i = 0;
    EXPECT_EQ(next_code_point(text, i), std::nullopt) << text;
    EXPECT_EQ(i, 0u);
    EXPECT_FALSE(is_utf8(text));
    EXPECT_FALSE(is_utf8(std::string("ok") + text));
  }
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\u00e9\u732b\U0001F600"));
}

TEST(GibText, IsRoundedToTenths) {
  EXPECT_EQ(gib_text(0), "0.0 GiB");
  EXPECT_EQ(gib_text(2.96 * (1 << 30)), "3.0 GiB");
  EXPECT_EQ(gib_text(-0.5 * (1 << 30)), "-0.5 GiB");
}

TEST(Nearest, SuggestsWhatIsNear) {
  const std::string words[] = {"euler", "euler_a", "heun", "ddim"};
  EXPECT_EQ(nearest("eulr", words), "euler");
  EXPECT_EQ(nearest("DDIN", words), "ddim");
  EXPECT_EQ(nearest("huen", words), "heun");
  EXPECT_EQ(nearest("eluer_b", words), "euler_a");
  EXPECT_EQ(nearest("xyzzy", words), "");
  EXPECT_EQ(nearest("--CFG", std::vector<std::string>{"--lfg", "--cfg-scale"}), "--cfg-scale");
  EXPECT_EQ(nearest("--preview", std::vector<std::string>{"--refiner"}), "");
}

}  // namespace
}  // namespace velatura
