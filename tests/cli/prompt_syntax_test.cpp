#include <gmock/gmock.h>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kWebui = "--prompt-syntax=webui";

class PromptSyntaxOption : public PictureCommand {
 protected:
  // The pixels that txt2img makes; none (and a failure) if it fails.
  std::vector<std::uint8_t> pixels(const std::vector<std::string>& options) const {
    std::vector<std::string> all = options;
    all.insert(all.end(), {"-o", folder_ / "out.png"});
    last_ = tiny(all);
    EXPECT_TRUE(succeeded(last_));
    return last_.exit_code == 0 ? read_image(folder_ / "out.png").pixels
                                : std::vector<std::uint8_t>{};
  }

  mutable Outcome last_;
};

// 211 words
std::string long_prompt() {
  std::string prompt;
  for (int i = 0; i < 70; ++i) prompt += "a red circle, ";
  return prompt + "(star)";
}

TEST_F(PromptSyntaxOption, WeightsChangeThePicture) {
  const std::string prompt = "--prompt=(a red circle:1.3)";
  const auto weighted = pixels({kWebui, prompt});
  EXPECT_EQ(receipt().at("prompt_syntax"), "webui");
  EXPECT_NE(weighted, pixels({prompt}));
  EXPECT_FALSE(receipt().contains("prompt_syntax"));
  EXPECT_NE(weighted, pixels({kWebui, "--prompt=(a red circle:0.7)"}));
  EXPECT_NE(weighted, pixels({kWebui}));
}

TEST_F(PromptSyntaxOption, WithoutWeightsThePictureIsThePlainOne) {
  EXPECT_EQ(pixels({kWebui}), pixels({}));
  EXPECT_EQ(pixels({}), pixels({"--prompt_syntax", "plain"}));
  EXPECT_EQ(pixels({kWebui, "--clip-skip=1"}), pixels({"--clip-skip=1"}));
}

TEST_F(PromptSyntaxOption, LongPromptsAreReadToTheirEnd) {
  const auto whole = pixels({kWebui, "--prompt", long_prompt()});
  EXPECT_THAT(last_.err, Not(HasSubstr("left out")));
  EXPECT_NE(whole, pixels({kWebui, "--prompt", long_prompt() + " dog"}));
  EXPECT_NE(whole, pixels({kWebui, "--prompt", long_prompt(), "--negative-prompt", long_prompt()}));
  EXPECT_TRUE(succeeded(tiny({kWebui, "--negative-prompt", long_prompt(), "-n2", "--batch-size=2",
                              "-o", folder_ / "two.png"})));
}

TEST_F(PromptSyntaxOption, OtherCommandsTakeItToo) {
  const auto with = [&](const std::string& command, const std::string& prompt) {
    return picture(command, {"-i", "in.png", "--prompt", prompt, kWebui}).pixels;
  };
  for (const char* command : {"img2img", "upscale"}) {
    EXPECT_NE(with(command, "(a red circle:1.5)"), with(command, "a red circle")) << command;
  }
}

TEST_F(PromptSyntaxOption, WhatIsNotSupportedIsRefusedBeforeAnythingIsLoaded) {
  std::string all;
  for (const std::string text : {"[a:b:0.5]", "[a|b]", "a AND b", "{a|b}", "__a__", "(a:1.2.3)"}) {
    all += text;
    EXPECT_TRUE(failed_with(tiny({kWebui, "--prompt", text, "-m", folder_ / "nothing"}), 2,
                            {"the prompt has "}))
        << text;
  }
  EXPECT_TRUE(failed_with(tiny({kWebui, "--negative-prompt=[a|b]", "-m", folder_ / "nothing"}), 2,
                          {"the prompt has [a|b] (alternation)"}));
  EXPECT_TRUE(failed_with(tiny({kWebui, "--prompt", "<lora:a:1>", "-m", folder_ / "nothing"}), 3,
                          {"LoRA a: no such file"}));
  EXPECT_FALSE(pixels({"--prompt", all + "<lora:a:1>"}).empty()) << "plain text has no syntax";
}

TEST_F(PromptSyntaxOption, HasTwoNames) {
  EXPECT_TRUE(failed_with(tiny({"--prompt-syntax", "comfy"}), 2,
                          {"--prompt-syntax comfy: expected plain or webui"}));
}

}  // namespace
}  // namespace velatura::testing
