#include "batch/job_file.h"

#include <gmock/gmock.h>

namespace velatura::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const KnownOptions kKnown{
    {"prompt", "negative-prompt", "seed", "steps", "width", "image", "sampler"},
    {{'W', "width"}, {'s', "seed"}}};

JobFile parsed(const std::string& text, const std::string& name = "jobs.txt") {
  return parse_job_file(name, text, kKnown);
}

// "LINE name=value name=value", and "LINE! reason" for what is wrong.
std::vector<std::string> read(const std::string& text, const std::string& name = "jobs.txt") {
  const JobFile file = parsed(text, name);
  std::vector<std::string> all;
  for (const JobLine& line : file.lines) {
    std::string job = std::to_string(line.number);
    for (const Setting& setting : line.settings)
      job += " " + setting.name + (setting.value ? "=" + *setting.value : "");
    all.push_back(job);
  }
  for (const LineError& error : file.errors)
    all.push_back(std::to_string(error.number) + "! " + error.reason);
  return all;
}

std::string utf16(const std::u16string& text, bool big_endian) {
  std::string bytes;
  for (const char16_t unit : u"\uFEFF" + text) {
    const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
    bytes += big_endian ? high : low;
    bytes += big_endian ? low : high;
  }
  return bytes;
}

TEST(JobFile, LinesKeepTheirNumbersAndErrorsToo) {
  const JobFile file = parsed(
      "\xEF\xBB\xBF"
      "a cat\n\n# no\n--steps 2 3\r\na dog");
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_EQ(file.lines[0].number, 1);
  EXPECT_EQ(file.lines[0].settings[0].value, "a cat");
  EXPECT_EQ(file.lines[1].number, 5);
  ASSERT_EQ(file.errors.size(), 1u);
  EXPECT_EQ(file.errors[0].number, 4);
}

TEST(JobFile, EveryLineEndCounts) {
  for (const char* text :
       {"a cat\na dog\n\na cow", "a cat\r\na dog\r\n\r\na cow\r\n", "a cat\ra dog\r\ra cow\r"}) {
    EXPECT_THAT(read(text), ElementsAre("1 prompt=a cat", "2 prompt=a dog", "4 prompt=a cow"));
  }
}

TEST(JobFile, Utf16WithAMarkIsRead) {
  for (const bool big_endian : {false, true}) {
    EXPECT_THAT(read(utf16(u"a caf\u00e9\r\n\U0001F98A --steps 2", big_endian)),
                ElementsAre("1 prompt=a café", "2 prompt=🦊 steps=2"));
  }
  EXPECT_THAT(read(utf16(u"a cat\n", false) + "x"),
              ElementsAre("1 prompt=a cat", HasSubstr("2! the line is not valid UTF-8")));
  EXPECT_THAT(read(utf16(u"a \xD83E cat", false)), ElementsAre(HasSubstr("1! ")));
  EXPECT_THAT(read(utf16(u"a cat", false).substr(2)),
              ElementsAre(HasSubstr("UTF-16 needs a byte-order mark")));
}

TEST(JobFile, AJsonArrayIsItsObjects) {
  EXPECT_THAT(read(R"([{"prompt": "a cat", "seed": 1}, {"prompt": "a ]{ \"dog\""}])"),
              ElementsAre("1 prompt=a cat seed=1", "1 prompt=a ]{ \"dog\""));
  EXPECT_THAT(
      read("\n[\n  {\n    \"prompt\": \"a cat\"\n  },\n  {\"prompt\": \"a dog\"}\n]\na cow\n"),
      ElementsAre("3 prompt=a cat", "6 prompt=a dog", "8 prompt=a cow"));
  EXPECT_THAT(read("[]"), IsEmpty());
  EXPECT_THAT(read(R"([{"prompt": "a cat"}, 5, ["x"], {"prompt": 5}])"),
              ElementsAre("1 prompt=a cat", HasSubstr("1! a JSON array"), HasSubstr("1! a JSON"),
                          HasSubstr("1! 'prompt': expected text, not 5")));
  EXPECT_THAT(read("a cow\n[1, 2]\n[\"a\"]"),
              ElementsAre("1 prompt=a cow", HasSubstr("2! a JSON array"), HasSubstr("3! a JSON")));
  EXPECT_THAT(read("a cow\n[{\"prompt\": \"a\"} {}]"),
              ElementsAre("1 prompt=a cow", HasSubstr("2! the JSON array that begins here is")));
}

TEST(JobFile, JsonObjectsMayGoOverSeveralLines) {
  EXPECT_THAT(read("{\n  \"prompt\": \"a cat\",\n  \"seed\": 1\n}\n{\"prompt\": \"a dog\"}\n"),
              ElementsAre("1 prompt=a cat seed=1", "5 prompt=a dog"));
  EXPECT_THAT(read("{\"prompt\": \"a cat\"\n{\"prompt\": \"a dog\"}\na cow\n"),
              ElementsAre("2 prompt=a dog", "3 prompt=a cow", HasSubstr("1! a line that begins")));
  EXPECT_THAT(read("{\n\"prompt\": \"a cat\",\n\"seed\": 3\n"),
              ElementsAre(HasSubstr("1! a line that begins"), HasSubstr("2! the line is a part of"),
                          HasSubstr("3! the line is a part of")));
  EXPECT_THAT(read("[red|blue] cat\n[{a|b} cat]\n"),
              ElementsAre("1 prompt=[red|blue] cat", "2 prompt=[{a|b} cat]"));
}

TEST(JobFile, ATableHasItsOptionsInTheFirstRow) {
  const std::string csv =
      "prompt,negative_prompt,seed\r\n\"a red circle, big\",blurry,1\r\n,,\r\n"
      "\"a \"\"blue\"\"\nstar\",,2\r\n# 1, x ,3";
  const auto jobs =
      ElementsAre("2 prompt=a red circle, big negative-prompt=blurry seed=1",
                  "4 prompt=a \"blue\"\nstar seed=2", "6 prompt=# 1 negative-prompt=x seed=3");
  for (const char* name : {"jobs.csv", "JOBS.CSV", "-", "jobs.txt"}) {
    EXPECT_THAT(read(csv, name), jobs) << name;
    EXPECT_THAT(read("\xEF\xBB\xBF" + csv, name), jobs) << name;
  }
  EXPECT_THAT(read("Prompt\tNegative Prompt\tcfg_scale\na cat, big\t\t4\n", "jobs.tsv"),
              ElementsAre("2 prompt=a cat, big guidance-scale=4"));
  EXPECT_THAT(read("seed;prompt\n4;a cat, big\n"), ElementsAre("2 seed=4 prompt=a cat, big"));
  EXPECT_THAT(read("prompt\na cat\n\"a, b\"\n", "jobs.csv"),
              ElementsAre("2 prompt=a cat", "3 prompt=a, b"));
  EXPECT_THAT(read("prompt\na cat, a dog\n"),
              ElementsAre("1 prompt=prompt", "2 prompt=a cat, a dog"));
  EXPECT_THAT(read("", "jobs.csv"), IsEmpty());
}

TEST(JobFile, WhatIsWrongWithATableIsSaid) {
  EXPECT_THAT(read("\nprompt,sed\na cat,1\na dog,2\n"),
              ElementsAre("2! column 'sed' is no option, did you mean 'seed'?"));
  EXPECT_THAT(read("a red circle,blurry,1\n", "jobs.csv"),
              ElementsAre(HasSubstr("1! column 'a red circle' is no option")));
  EXPECT_THAT(read("prompt,seed,Seed\na,1,2\n"), ElementsAre("1! column 'Seed' is there twice"));
  EXPECT_THAT(read("prompt,seed\na cat\na cow,1\na dog,1,2\n"),
              ElementsAre("3 prompt=a cow seed=1", "2! the row has 1 cells, the first one 2",
                          "4! the row has 3 cells, the first one 2"));
  EXPECT_THAT(read("prompt,seed\na cow,1\n\"a cat,1\na dog,2\n"),
              ElementsAre("2 prompt=a cow seed=1", HasSubstr("3! a quote in this row")));
  EXPECT_THAT(read("prompt,seed\n\"a cat\" x,1\n"), ElementsAre(HasSubstr("2! a quote")));
  EXPECT_THAT(read("prompt,tiling\na cat,false\na dog,true\n"),
              ElementsAre("2 prompt=a cat", "3! --tiling true is not supported"));
}

TEST(JobFile, BlanksOfWordProcessorsAreBlanks) {
  EXPECT_THAT(read("\u00A0a cat\u00A0--steps\u00A02\u3000--seed 3\u00A0\n\u00A0# no\n\u200B\n"
                   "--prompt\u00A0\"a\u00A0dog\"\u2009--seed 4\n"),
              ElementsAre("1 prompt=a cat steps=2 seed=3", "4 prompt=a\u00A0dog seed=4"));
}

TEST(JobFile, OptionsThatAreWrittenOtherwiseAreNoPrompts) {
  for (const std::string sign :
       {"\u2014steps 2", "\u2013steps 2", "\u2013\u2013steps=2", "\u2013-steps 2", "-steps 2",
        "---steps 2", "\u2212\u2212negative_prompt x", "-W 20000", "-W512", "-s=5", "\u2013w 512",
        "\u2014W 512", "\u2014\u2014W512", "\u2014n blurry"}) {
    EXPECT_THAT(read("a cat " + sign), ElementsAre(HasSubstr("is written --"))) << sign;
    EXPECT_THAT(read("a cat\u00A0" + sign), ElementsAre(HasSubstr("is written --"))) << sign;
    EXPECT_THAT(read("--prompt a cat " + sign), ElementsAre(HasSubstr("is written --"))) << sign;
    EXPECT_THAT(read(sign), ElementsAre(HasSubstr("is written --"))) << sign;
  }
  EXPECT_THAT(read("a cat -W 20000"),
              ElementsAre(HasSubstr("'-W': the option is written --width")));
  EXPECT_THAT(read("a cat--steps 20"), ElementsAre(HasSubstr("is written --steps")));
  for (const std::string text :
       {"a cat \u2014 steps in the snow", "text-image pair", "a cat\u2014image of calm",
        "a well-known cat -- in a hat", "a \u2014dark cat", "a cat \u2014W or not", "plan -b",
        "x - W 5", "cat--image of a", "\u2014 a cat", "-5 degrees", "wide -angle"}) {
    EXPECT_THAT(read(text), ElementsAre("1 prompt=" + text));
  }
  EXPECT_THAT(read("{\"prompt\": \"a cat \u2014steps 2 -W 5\"}"),
              ElementsAre("1 prompt=a cat \u2014steps 2 -W 5"));
  EXPECT_THAT(read("--prompt \"a cat \u2014steps 2\""),
              ElementsAre("1 prompt=a cat \u2014steps 2"));
}

TEST(JobFile, APromptMayBeginWithAHash) {
  EXPECT_THAT(read("--prompt \"#1 fan\"\n{\"prompt\": \"#1 fan\"}\n#1 fan\n"),
              ElementsAre("1 prompt=#1 fan", "2 prompt=#1 fan"));
}

TEST(JobFile, ManyOpenBracketsAreNotSlow) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "{\"a\": [\n";
  EXPECT_EQ(parsed(text).errors.size(), 20'000u);
}

}  // namespace
}  // namespace velatura::batch
