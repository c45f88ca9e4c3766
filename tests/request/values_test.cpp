#include "request/values.h"

#include <gmock/gmock.h>

#include "request/fields.h"
#include "velatura/error.h"

namespace velatura::request {
namespace {

using ::testing::ElementsAre;

// What is said of a text that a field of the first task to have it does not take.
std::string refusal(const std::string& name, const std::string& text) {
  std::string message;
  for (const std::string_view task : kTasks) {
    Request request = *make_request(task);
    ModelOptions options;
    const auto visit = [&](const Field& field, const Place& place) {
      if (field.name != name || !message.empty()) return;
      try {
        set_value(field, place, text);
        message = "taken";
      } catch (const UsageError& error) {
        EXPECT_EQ(error.field(), name);
        message = error.what();
      }
    };
    each_field(request, visit);
    each_field(options, visit);
  }
  return message;
}

TEST(SetValue, SaysWhatIsWrongAndWithWhat) {
  EXPECT_EQ(refusal("steps", "0"), "steps 0: expected a whole number from 1 to 1000");
  EXPECT_EQ(refusal("steps", ""), "steps '': expected a whole number from 1 to 1000");
  for (const std::string text : {"1e2", "2.5", "ten", "10x", "99999999999999999999"})
    EXPECT_EQ(refusal("steps", text), "steps " + text + ": expected a whole number from 1 to 1000");
  EXPECT_EQ(refusal("steps", "0x10"), "taken");
  EXPECT_EQ(refusal("eta", "nan"), "eta nan: expected a number from 0 to 1");
  EXPECT_EQ(refusal("eta", "half"), "eta half: expected a number from 0 to 1");
  EXPECT_EQ(refusal("eta", "1e-3"), "taken");
  EXPECT_EQ(refusal("width", "4"), "width 4: expected a whole number from 8 to 16384");
  EXPECT_EQ(refusal("tf32", "maybe"), "tf32 maybe: expected true or false");
  EXPECT_EQ(refusal("resize", "fill"), "resize fill: expected stretch, crop or pad");
  EXPECT_EQ(refusal("dtype", "int4"),
            "dtype int4: expected auto, float32, bfloat16, float16 or int8");
  EXPECT_EQ(refusal("vae-dtype", "int8"),
            "vae-dtype int8: expected auto, float32, bfloat16 or float16");
  EXPECT_EQ(refusal("device", "gpu"), "device gpu: expected auto, cpu, cuda or cuda:N");
  EXPECT_EQ(refusal("device", "cuda:12"), "taken");
  EXPECT_EQ(refusal("tile", "-1"), "tile -1: expected auto, off or a number of pixels");
  EXPECT_EQ(refusal("vae-tile", "0"), "vae-tile 0: expected auto, off or a number of pixels");
  EXPECT_EQ(refusal("extend", "left=1,left=2"),
            "extend left=1,left=2: expected such as left=128,right=64 (sides left, top, right, "
            "bottom, each once; pixels)");
}

TEST(CheckValue, RefusesWhatCannotBeSetAndSetsNothing) {
  int steps = 7;
  const Field field{.name = "steps", .unit = "N", .range = Range{1, 9}};
  EXPECT_NO_THROW(check_value(field, &steps, "8"));
  EXPECT_THROW(check_value(field, &steps, "10"), UsageError);
  EXPECT_EQ(steps, 7);
  EXPECT_THROW(check_value({.name = "no-config"}, {}, "maybe"), UsageError);
  Image image;
  EXPECT_NO_THROW(check_value({.name = "image", .unit = "FILE"}, &image, "any.png"));
  std::uint64_t seed = 0;
  EXPECT_THROW(check_value({.name = "seed", .unit = "N"}, &seed, "1.5"), UsageError);
}

TEST(SetValue, KnowsTheWordsOfFlags) {
  const Field field{.name = "ema"};
  for (const char* yes : {"true", "True", "1", "on", "YES", "t", "12"})
    EXPECT_TRUE(parse_flag(field, yes)) << yes;
  for (const char* no : {"false", "0", "off", "No", "n", "-", "-3"})
    EXPECT_FALSE(parse_flag(field, no)) << no;
  for (const char* neither : {"", "maybe", "2x", "-x"})
    EXPECT_THROW(parse_flag(field, neither), UsageError) << neither;
  const Field off{.name = "no-paste", .notation = Notation::off_switch};
  bool paste = true;
  set_value(off, &paste, "true");
  EXPECT_FALSE(paste);
  set_value(off, &paste, "false");
  EXPECT_TRUE(paste);
}

TEST(SetValue, TakesAScheduleFromASamplersLabelUnlessThereIsOne) {
  SamplerOptions sampling;
  const Field field{.name = "sampler"};
  set_value(field, &sampling, "DPM++ 2M Karras");
  EXPECT_EQ(sampling.sampler, Sampler::dpmpp_2m);
  EXPECT_EQ(sampling.schedule, Schedule::karras);
  set_value(field, &sampling, "Euler Exponential");
  EXPECT_EQ(sampling.sampler, Sampler::euler);
  EXPECT_EQ(sampling.schedule, Schedule::karras);
}

TEST(TextOf, WritesRanges) {
  EXPECT_EQ(text_of(Range{0, 1}), "0 to 1");
  EXPECT_EQ(text_of(Range{-0.5, 100000}), "-0.5 to 100000");
}

TEST(WordsOf, AreThoseToChooseFrom) {
  const Fit how{};
  EXPECT_THAT(words_of({}, &how), ElementsAre("stretch", "crop", "pad"));
  const int number = 0;
  EXPECT_THAT(words_of({}, &number), ElementsAre());
}

TEST(JsonOf, LeavesOutWhatIsAbsent) {
  const std::optional<int> crop;
  const Margins none;
  const PromptSyntax plain{};
  const GrayImage mask;
  for (const ConstPlace& place : {ConstPlace(&crop), {&none}, {&plain}, {&mask}})
    EXPECT_FALSE(json_of(place).has_value());
  const Margins margins{.left = 8, .bottom = 4};
  EXPECT_EQ(json_of(&margins)->dump(), R"({"left":8,"top":0,"right":0,"bottom":4})");
}

}  // namespace
}  // namespace velatura::request
