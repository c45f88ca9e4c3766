#include "tokenizer/prompt_networks.h"

#include <gmock/gmock.h>

#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Taken {
  std::string rest;
  std::vector<PromptNetwork> networks;
};

Taken taken(std::string prompt) {
  auto networks = take_networks(prompt);
  return {prompt, std::move(networks)};
}

TEST(PromptNetworks, AreTakenOutOfThePrompt) {
  const auto [rest, networks] = taken("a <lora:fur:0.8> cat,<lyco:b v2> (x:1.2) <lora:c:0.5:-1>");
  EXPECT_EQ(rest, "a  cat, (x:1.2) ");
  EXPECT_THAT(networks, ElementsAre(PromptNetwork{"fur", 0.8, 0.8}, PromptNetwork{"b v2", 1, 1},
                                    PromptNetwork{"c", 0.5, -1}));
}

TEST(PromptNetworks, MayNameTheirScales) {
  EXPECT_THAT(
      taken("<lora:a:te=0.5><lora:b:unet=0.25><lora:c:unet=2:te=3><lora:d:1:unet=0>").networks,
      ElementsAre(PromptNetwork{"a", 0.5, 0.5}, PromptNetwork{"b", 1, 0.25},
                  PromptNetwork{"c", 3, 2}, PromptNetwork{"d", 1, 0}));
}

TEST(PromptNetworks, LeaveOtherTextAsItIs) {
  for (const char* prompt : {"", "a < b > c", "<lora:open", "<embedding:x>", "<hypernet:x:1>"}) {
    EXPECT_EQ(taken(prompt).rest, prompt);
    EXPECT_THAT(taken(prompt).networks, IsEmpty());
  }
}

TEST(PromptNetworks, AreRefusedWhereTheySayWhatCannotBeRead) {
  for (const char* prompt : {"<lora::1>", "<lora:a:x>", "<lora:a:1:2:3>", "<lora:a:dyn=4>",
                             "<lora:a:>", "<lora:a:nan>"}) {
    std::string text = prompt;
    EXPECT_THROW(take_networks(text), UsageError) << prompt;
  }
}

}  // namespace
}  // namespace velatura::tokenizer
