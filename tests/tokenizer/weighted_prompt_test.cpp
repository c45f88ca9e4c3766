#include "tokenizer/weighted_prompt.h"

#include <gmock/gmock.h>

#include <ostream>
#include <string>

#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Case {
  std::string prompt;
  PromptSection expected;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.prompt; }
};

class OneSection : public ::testing::TestWithParam<Case> {};

TEST_P(OneSection, IsReadAs) {
  const auto sections = parse_weighted_prompt(GetParam().prompt);
  ASSERT_EQ(sections.size(), 1u);
  std::vector<::testing::Matcher<WeightedText>> expected;
  for (const auto& [text, weight] : GetParam().expected) {
    expected.push_back(::testing::AllOf(Field("text", &WeightedText::text, text),
                                        Field(&WeightedText::weight, DoubleNear(weight, 1e-12))));
  }
  EXPECT_THAT(sections.front(), ElementsAreArray(expected)) << GetParam().prompt;
}

constexpr double kLess = 1 / 1.1;

INSTANTIATE_TEST_SUITE_P(
    Plain, OneSection,
    ::testing::Values(Case{"a cat, 3:4", {{"a cat, 3:4", 1}}},
                      Case{"a | b {c} 2 < 3 a:b", {{"a | b {c} 2 < 3 a:b", 1}}},
                      Case{"naïve 猫", {{"naïve 猫", 1}}}, Case{"", {}},
                      Case{"UNBREAKABLE BREAKS _BREAK 猫BREAK",
                           {{"UNBREAKABLE BREAKS _BREAK 猫BREAK", 1}}},
                      Case{"SAND ANDY and __ a__b", {{"SAND ANDY and __ a__b", 1}}}));

INSTANTIATE_TEST_SUITE_P(Brackets, OneSection,
                         ::testing::Values(Case{"a (cat)", {{"a ", 1}, {"cat", 1.1}}},
                                           Case{"[cat] a", {{"cat", kLess}, {" a", 1}}},
                                           Case{"(cat:1.3)b", {{"cat", 1.3}, {"b", 1}}},
                                           Case{"(猫:0.5)", {{"猫", 0.5}}},
                                           Case{"(a: \t +.5 )", {{"a", 0.5}}},
                                           Case{"(a:-2)", {{"a", -2}}}, Case{"(a:2.)", {{"a", 2}}},
                                           Case{"(a:0)", {{"a", 0}}}, Case{"((a))", {{"a", 1.21}}},
                                           Case{"[[a]]", {{"a", kLess* kLess}}},
                                           Case{"((a:1.5) b)", {{"a", 1.65}, {" b", 1.1}}},
                                           Case{"([a] b:2)", {{"a", 2 * kLess}, {" b", 2}}},
                                           Case{"[(a:1.2)]", {{"a", 1.2 * kLess}}},
                                           Case{"(a)(b)", {{"ab", 1.1}}}, Case{"()[](:2)", {}}));

INSTANTIATE_TEST_SUITE_P(
    OddBrackets, OneSection,
    ::testing::Values(Case{"a (b c", {{"a ", 1}, {"b c", 1.1}}},
                      Case{"a [b (c", {{"a ", 1}, {"b ", kLess}, {"c", kLess * 1.1}}},
                      Case{"a) b] c:1.3)", {{"a) b] c:1.3)", 1}}}, Case{"(a:1.3", {{"a:1.3", 1.1}}},
                      Case{"(a:b)", {{"a:b", 1.1}}}, Case{"(a::1.3)", {{"a:", 1.3}}},
                      Case{"(a:)", {{"a:", 1.1}}}, Case{"(a:+)", {{"a:+", 1.1}}},
                      Case{"[a: b]", {{"a: b", kLess}}}, Case{"(a]b)", {{"a]b", 1.1}}},
                      Case{"(a[b)c]", {{"a", 1.1}, {"b", 1.1 * kLess}, {"c", kLess}}},
                      Case{"[x:1.3)", {{"x:1.3)", kLess}}}));

INSTANTIATE_TEST_SUITE_P(
    Escapes, OneSection,
    ::testing::Values(Case{R"(\(a\) \[b\] \\)", {{R"((a) [b] \)", 1}}},
                      Case{R"((a\):2))", {{"a)", 2}}}, Case{R"((a\\:2))", {{R"(a\)", 2}}},
                      Case{R"(\a\é\)", {{"aé", 1}}}, Case{R"(\BREAK \AND)", {{"BREAK AND", 1}}},
                      Case{R"(\<lora:a:1> \{a|b} \__c__)", {{"<lora:a:1> {a|b} __c__", 1}}},
                      Case{R"(\[a:b:1] \[a|b])", {{"[a:b:1] [a|b]", 1}}},
                      Case{R"((a\:1.3))", {{"a:1.3", 1.1}}}));

TEST(WeightedPrompt, BreakEndsASection) {
  EXPECT_THAT(parse_weighted_prompt("a BREAK,b"),
              ElementsAre(PromptSection{{"a ", 1}}, PromptSection{{",b", 1}}));
  EXPECT_THAT(parse_weighted_prompt("(a BREAK b:2) c"),
              ElementsAre(PromptSection{{"a ", 2}}, PromptSection{{" b", 2}, {" c", 1}}));
  EXPECT_THAT(parse_weighted_prompt("BREAK"), ElementsAre(IsEmpty(), IsEmpty()));
  EXPECT_THAT(parse_weighted_prompt("，BREAK"), ElementsAre(PromptSection{{"，", 1}}, IsEmpty()));
}

std::string refusal(const std::string& prompt) {
  try {
    parse_weighted_prompt(prompt);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(WeightedPrompt, RefusesWhatIsNotSupportedByName) {
  EXPECT_EQ(refusal("a AND b"),
            "the prompt has AND (several prompts), which prompt-syntax webui does not support; a "
            "backslash before it makes it text");
  EXPECT_THAT(refusal("cat :1.2 AND dog"), HasSubstr("AND"));
  for (const char* text : {"[a|b]", "[a|b|c]", "[(a)|b]", "[|b", "x [a|"}) {
    EXPECT_THAT(refusal(text), HasSubstr("alternation")) << text;
  }
  for (const char* text : {"[a:b:0.5]", "[b:10]", "[a::3]", "[(a:1.2):b: 4 ]", "[:b:.5]"}) {
    EXPECT_THAT(refusal(text), HasSubstr("scheduling")) << text;
  }
  EXPECT_THAT(refusal("a <lora:name:0.8>"), HasSubstr("<lora:…>"));
  EXPECT_THAT(refusal("(<hypernet:x>)"), HasSubstr("<hypernet:…>"));
  for (const char* text : {"{a|b}", "x {2$$a|b}", "__colours__", "a/__colours/dark__"}) {
    EXPECT_THAT(refusal(text), HasSubstr("wildcards")) << text;
  }
}

TEST(WeightedPrompt, RefusesWeightsThatAreNone) {
  EXPECT_EQ(refusal("(a:1.2.3)"), "the prompt has the weight 1.2.3, which is no number");
  EXPECT_EQ(refusal("(a:.)"), "the prompt has the weight ., which is no number");
  for (const std::string& text : {std::string("(a:1001)"), std::string("(a:-1001)"),
                                  std::string(100, '(') + "a", std::string("((a:999):2)")}) {
    EXPECT_EQ(refusal(text), "the prompt has a weight beyond 1000") << text;
  }
}

TEST(WeightedPrompt, RefusesWhatIsNotUtf8) {
  EXPECT_THROW(parse_weighted_prompt("(\xFF)"), InputError);
}

}  // namespace
}  // namespace velatura::tokenizer
