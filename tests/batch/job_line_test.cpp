#include "batch/job_line.h"

#include <gmock/gmock.h>

#include "velatura/error.h"

namespace velatura::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// "name=value", or "name" for a flag.
std::vector<std::string> settings_of(const std::string& line) {
  std::vector<std::string> texts;
  const auto settings = parse_job_line(line);
  if (!settings) return {"nothing"};
  for (const Setting& setting : *settings)
    texts.push_back(setting.name + (setting.value ? "=" + *setting.value : ""));
  return texts;
}

auto refused(const std::string& reason) {
  return ThrowsMessage<UsageError>(HasSubstr(reason));
}

TEST(JobLine, ALineIsAPrompt) {
  EXPECT_THAT(settings_of("  a red circle, 8k \r"), ElementsAre("prompt=a red circle, 8k"));
  EXPECT_THAT(settings_of("a well-known cat -- in a hat"),
              ElementsAre("prompt=a well-known cat -- in a hat"));
  EXPECT_THAT(settings_of("[a|b] (c:1.2) \"d\""), ElementsAre("prompt=[a|b] (c:1.2) \"d\""));
}

TEST(JobLine, BlankLinesAndCommentsAreSkipped) {
  EXPECT_THAT(settings_of(""), ElementsAre("nothing"));
  EXPECT_THAT(settings_of(" \t\r"), ElementsAre("nothing"));
  EXPECT_THAT(settings_of("# a red circle --s 4"), ElementsAre("nothing"));
}

TEST(JobLine, KohyasLettersFollowAPrompt) {
  EXPECT_THAT(settings_of("a cat --n low quality, worst --w 512 --h 768 --d 7 --s 20 --l 7.5"),
              ElementsAre("prompt=a cat", "negative-prompt=low quality, worst", "width=512",
                          "height=768", "seed=7", "steps=20", "guidance-scale=7.5"));
  EXPECT_THAT(settings_of("a cat --i in.png --t 0.5 --ss euler_a"),
              ElementsAre("prompt=a cat", "image=in.png", "strength=0.5", "sampler=euler_a"));
}

TEST(JobLine, AnEmptyNegativePromptIsOne) {
  EXPECT_THAT(settings_of("a cat --n  --w 512"),
              ElementsAre("prompt=a cat", "negative-prompt=", "width=512"));
}

TEST(JobLine, OurOwnNamesFollowAPrompt) {
  EXPECT_THAT(
      settings_of("a cat --negative-prompt \"blurry, dark\" --steps=20 --invert-mask --ema"),
      ElementsAre("prompt=a cat", "negative-prompt=blurry, dark", "steps=20", "invert-mask",
                  "ema"));
}

TEST(JobLine, WebUiLinesAreWordsOfAShell) {
  EXPECT_THAT(settings_of(R"(--prompt "a \"red\" cat" --negative_prompt 'it''s' --steps 20)"),
              ElementsAre("prompt=a \"red\" cat", "negative-prompt=its", "steps=20"));
  EXPECT_THAT(settings_of("--prompt a red cat --seed -1 --cfg_scale 7"),
              ElementsAre("prompt=a red cat", "seed=-1", "guidance-scale=7"));
  EXPECT_THAT(settings_of("--prompt \"\" --invert-mask"), ElementsAre("prompt=", "invert-mask"));
  EXPECT_THAT(settings_of(R"(--prompt a\ b --output 'c d.png')"),
              ElementsAre("prompt=a b", "output=c d.png"));
}

TEST(JobLine, JsonHasTheFieldsOfAWebUisApi) {
  EXPECT_THAT(
      settings_of(
          R"({"prompt": "a cat", "seed": 7, "cfg_scale": 7.5, "width": 512, "mask": null})"),
      ElementsAre("prompt=a cat", "seed=7", "guidance-scale=7.5", "width=512"));
  EXPECT_THAT(settings_of(R"({"init_images": ["in.png"], "denoising_strength": 0.4})"),
              ElementsAre("image=in.png", "strength=0.4"));
  EXPECT_THAT(
      settings_of(
          R"({"prompt": "x", "override_settings": {"CLIP_stop_at_last_layers": 2, "sd_model_checkpoint": "m"}})"),
      ElementsAre("prompt=x", "clip-skip=1", "model=m"));
  EXPECT_THAT(settings_of(R"({"prompt": "{a} --s 4"})"), ElementsAre("prompt={a} --s 4"));
}

TEST(JobLine, SomeOptionsMayBeGivenSeveralTimes) {
  EXPECT_THAT(
      settings_of(R"({"prompt": "x", "lora": ["a:0.5", "b"], "control_scale": [1, 0.5]})"),
      ElementsAre("prompt=x", "lora=a:0.5", "lora=b", "control-scale=1", "control-scale=0.5"));
  EXPECT_THAT(settings_of("x --lora a --lora b"), ElementsAre("prompt=x", "lora=a", "lora=b"));
}

TEST(JobLine, WhatIsWrongIsSaid) {
  EXPECT_THAT([] { parse_job_line("{\"prompt\": "); }, refused("JSON object"));
  EXPECT_THAT([] { parse_job_line("{a|b} cat"); }, refused("begins with {"));
  EXPECT_THAT([] { parse_job_line(R"({"prompt": "a", "prompt": "b"})"); },
              refused("'prompt' is given twice"));
  EXPECT_THAT([] { parse_job_line(R"({"prompt": ["a"]})"); }, refused("'prompt': expected text"));
  EXPECT_THAT([] { parse_job_line(R"({"init_images": ["a", "b"]})"); }, refused("one file name"));
  EXPECT_THAT([] { parse_job_line(R"({"override_settings": {"eta": 1}})"); }, refused("eta"));
  EXPECT_THAT([] { parse_job_line("--prompt \"a cat"); }, refused("a \" without its end"));
  EXPECT_THAT([] { parse_job_line("--"); }, refused("'--': expected --name first"));
  EXPECT_THAT([] { parse_job_line("-- --steps 3"); }, refused("'--': expected --name first"));
  EXPECT_THAT([] { parse_job_line("--steps 20 30"); }, refused("'30' after --steps 20"));
  EXPECT_THAT([] { parse_job_line("a cat --s 4 --s 5"); }, refused("--steps is given twice"));
  EXPECT_THAT([] { parse_job_line("a c\xFFt"); }, refused("UTF-8"));
  EXPECT_THAT([] { parse_job_line(std::string("a\0t", 3)); }, refused("NUL"));
  std::string deep = R"({"prompt": )";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  EXPECT_THAT([&] { parse_job_line(deep); }, refused("JSON"));
}

TEST(JobLine, APromptInJsonIsText) {
  for (const char* value : {"5", "1.5", "true", "null", "[]", "{}", "[\"a\"]"}) {
    EXPECT_THAT([&] { parse_job_line(R"({"prompt": )" + std::string(value) + "}"); },
                refused("'prompt': expected text, not "))
        << value;
  }
  EXPECT_THAT([] { parse_job_line(R"({"negative_prompt": 5})"); },
              refused("'negative_prompt': expected text"));
  EXPECT_THAT([] { parse_job_line(R"({"prompt": "a\u0000b"})"); }, refused("NUL"));
  EXPECT_THAT([] { parse_job_line(R"({"output": ["a"]})"); }, refused("'output': expected text"));
}

TEST(JobLine, PicturesInJsonMayBeBase64) {
  const std::string png =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAA";
  const std::string url = "data:;base64," + png;
  EXPECT_THAT(
      settings_of(R"({"prompt": "x", "init_images": [")" + png + R"("], "mask": ")" + png + "\"}"),
      ElementsAre("prompt=x", "image=" + url, "mask=" + url));
  EXPECT_THAT(settings_of(R"({"image": "data:image/png;base64,)" + png + "\"}"),
              ElementsAre("image=data:image/png;base64," + png));
  EXPECT_THAT(settings_of(R"({"depth_map": ")" + std::string(300, 'A') + "\"}"),
              ElementsAre("depth-map=data:;base64," + std::string(300, 'A')));
  for (const char* name : {"in.png", "/9j/pictures/of/last/summer/and/autumn.jpg", "Qk"}) {
    EXPECT_THAT(settings_of(R"({"image": ")" + std::string(name) + "\"}"),
                ElementsAre("image=" + std::string(name)));
  }
  EXPECT_THAT(settings_of(R"({"prompt": ")" + png + "\"}"), ElementsAre("prompt=" + png));
}

}  // namespace
}  // namespace velatura::batch
