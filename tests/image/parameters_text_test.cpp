#include "image/parameters_text.h"

#include <gmock/gmock.h>

#include <string>

namespace velatura {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

RunParameters run() {
  RunParameters run;
  run.prompt = "a cat";
  run.negative_prompt = "blurry";
  run.steps = 20;
  run.sampler = "DPM++ 2M";
  run.schedule_type = "Karras";
  run.cfg_scale = 7;
  run.seed = 18446744073709551615u;
  run.width = 512;
  run.height = 768;
  run.model_hash = "6ce0161689";
  run.model = "v1-5-pruned";
  run.version = "velatura 0.1.0";
  return run;
}

TEST(ParametersText, IsTheBlockWebUisRead) {
  EXPECT_EQ(format_parameters(parameters_text(run())),
            "a cat\n"
            "Negative prompt: blurry\n"
            "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, "
            "Seed: 18446744073709551615, Size: 512x768, Model hash: 6ce0161689, "
            "Model: v1-5-pruned, Version: velatura 0.1.0");
}

TEST(ParametersText, LeavesOutWhatIsNotThere) {
  RunParameters bare;
  bare.prompt = "x";
  bare.sampler = "DDIM";
  bare.cfg_scale = 7.5;
  EXPECT_EQ(format_parameters(parameters_text(bare)),
            "x\nSteps: 0, Sampler: DDIM, CFG scale: 7.5, Seed: 0, Size: 0x0");
}

TEST(ParametersText, CountsClipSkipAsWebUisDo) {
  RunParameters skipping = run();
  skipping.clip_skip = 1;
  EXPECT_EQ(parameters_text(skipping).find("Clip skip"), "2");
  EXPECT_EQ(parameters_text(run()).find("Clip skip"), std::nullopt);
}

TEST(ParametersText, QuotesValuesThatWouldBreakTheLine) {
  RunParameters odd = run();
  odd.model = "a, b: \"c\"\n\\d é";
  odd.further = {{"Lora hashes", "x: 12, y: 34"}, {"Note", "two\nlines"}, {"Quote", "\"odd"}};
  const std::string block = format_parameters(parameters_text(odd));
  EXPECT_THAT(
      block,
      ::testing::HasSubstr(
          R"(Model: "a, b: \"c\"\n\\d é", Lora hashes: "x: 12, y: 34", Note: "two\nlines", )"));
  const ParametersText read = parse_parameters(block);
  EXPECT_EQ(read.find("Model"), odd.model);
  EXPECT_EQ(read.find("Lora hashes"), "x: 12, y: 34");
  EXPECT_EQ(read.find("Note"), "two\nlines");
  EXPECT_EQ(read.find("Quote"), "\"odd");
}

TEST(ParametersText, ComesBackAsItWas) {
  for (const std::string prompt :
       {"a cat", "", "two\nlines", "Steps: 1, 2: 3", "ends with, commas,",
        "(weights:1.2), [x], \"quotes\"", "猫, 😀: é"}) {
    for (const std::string negative : {"", "blurry, bad: very", "first\nsecond"}) {
      RunParameters written = run();
      written.prompt = prompt;
      written.negative_prompt = negative;
      const ParametersText text = parameters_text(written);
      const ParametersText read = parse_parameters(format_parameters(text));
      EXPECT_EQ(read.prompt, prompt);
      EXPECT_EQ(read.negative_prompt, negative);
      EXPECT_EQ(read.fields, text.fields);
    }
  }
}

TEST(ParseParameters, TakesTheLastLineForAPromptIfItHasFewFields) {
  const ParametersText text = parse_parameters("a cat\nSteps: 20, Seed: 1");
  EXPECT_EQ(text.prompt, "a cat\nSteps: 20, Seed: 1");
  EXPECT_THAT(text.fields, IsEmpty());
}

TEST(ParseParameters, ReadsWhatOthersWrite) {
  const ParametersText text = parse_parameters(
      "  portrait \n\nof a cat\n Negative prompt:  ugly\nbad\n"
      "Steps: 20, Size: 8x8,Hashes: {\"a\": 1}, TI hashes: \"e: 1\", Eta/x-y z: 0, Last: ");
  EXPECT_EQ(text.prompt, "portrait\n\nof a cat");
  EXPECT_EQ(text.negative_prompt, "ugly\nbad");
  EXPECT_THAT(text.fields,
              ElementsAre(Pair("Steps", "20"), Pair("Size", "8x8"), Pair("Hashes", "{\"a\": 1}"),
                          Pair("TI hashes", "e: 1"), Pair("Eta/x-y z", "0"), Pair("Last", "")));
}

TEST(ParseParameters, ReadsWhatExtensionsWriteBehindTheSettings) {
  const ParametersText text = parse_parameters(
      "a red circle\nNegative prompt: blurry\n"
      "Steps: 12, Sampler: Euler, Version: v1.9.4\n"
      "Template: a {red|blue} circle, big\nsoft light\nNegative Template: blurry\n");
  EXPECT_EQ(text.prompt, "a red circle");
  EXPECT_EQ(text.negative_prompt, "blurry");
  EXPECT_THAT(text.fields,
              ElementsAre(Pair("Steps", "12"), Pair("Sampler", "Euler"), Pair("Version", "v1.9.4"),
                          Pair("Template", "a {red|blue} circle, big\nsoft light"),
                          Pair("Negative Template", "blurry")));
}

TEST(ParseParameters, ReadsValuesWithLineBreaksInThem) {
  for (const std::string wild : {"\"a, b\nc: d\"", "\"a, b\\nc: d\""}) {
    const ParametersText text =
        parse_parameters("a cat\nSteps: 12, Wildcard prompt: " + wild + ", Seed: 5, Model: m");
    EXPECT_EQ(text.prompt, "a cat");
    EXPECT_EQ(text.find("Wildcard prompt"), "a, b\nc: d");
    EXPECT_EQ(text.find("Seed"), "5");
    EXPECT_EQ(text.find("Model"), "m");
  }
  const ParametersText bare =
      parse_parameters("a cat\nSteps: 12, Note: one\ntwo, Seed: 5, Model: m\n\nby me");
  EXPECT_THAT(bare.fields,
              ElementsAre(Pair("Steps", "12"), Pair("Note", "one\ntwo"), Pair("Seed", "5"),
                          Pair("Model", "m"), Pair("Further text", "by me")));
  const ParametersText broken = parse_parameters("Steps: 12,\nSeed: 5,\nModel: m");
  EXPECT_EQ(broken.prompt, "");
  EXPECT_EQ(broken.find("Model"), "m");
}

TEST(ParseParameters, TakesLinesOfThePromptForNoSettings) {
  const ParametersText text =
      parse_parameters("Steps: 3, Seed: 1, Mood: a\nand then\nSteps: 12, Sampler: Euler, Seed: 5");
  EXPECT_EQ(text.prompt, "Steps: 3, Seed: 1, Mood: a\nand then");
  EXPECT_EQ(text.find("Steps"), "12");
}

TEST(ParseParameters, SurvivesAnything) {
  for (const std::string block :
       {"", "\n", "\"", "a: \"", ":::,,,", "a:", "Negative prompt:", "a: \"\\"}) {
    EXPECT_LE(parse_parameters(block).prompt.size(), block.size());
  }
  const std::string letters(1 << 20, 'x');
  EXPECT_EQ(parse_parameters(letters).prompt, letters);
}

}  // namespace
}  // namespace velatura
