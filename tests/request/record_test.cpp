#include "request/record.h"

#include <gmock/gmock.h>

namespace velatura::request {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::string> keys(const nlohmann::ordered_json& object) {
  std::vector<std::string> names;
  for (const auto& entry : object.items()) names.push_back(entry.key());
  return names;
}

TEST(RecordOf, HasFieldsInTheOrderOfReceipts) {
  Inpaint task;
  task.mask = {1, 1, {65535}};
  task.extend.left = 8;
  task.mask_crop = 4;
  task.prompt_syntax = PromptSyntax::webui;
  task.negative_prompt = "";
  task.guidance_scale = 5;
  EXPECT_THAT(
      keys(in_order(record_of(task).settings)),
      ElementsAre("prompt", "negative_prompt", "steps", "guidance_scale", "guidance_rescale",
                  "clip_skip", "starting_noise", "prompt_syntax", "image", "strength", "resize",
                  "mask", "extend", "mask_blur", "mask_crop", "paste"));
  EXPECT_THAT(keys(in_order({{"newer", 1}, {"steps", 2}, {"prompt", ""}})),
              ElementsAre("prompt", "steps", "newer"));
}

TEST(RecordOf, HasParametersInThatOrderToo) {
  Inpaint task;
  EXPECT_THAT(record_of(task).parameters, ElementsAre(Pair("Denoising strength", "1")));
  task.mask_blur = 4;
  EXPECT_THAT(record_of(task).parameters,
              ElementsAre(Pair("Denoising strength", "1"), Pair("Mask blur", "4")));
  EXPECT_THAT(record_of(Upscale()).parameters, IsEmpty());
}

TEST(RecordOf, LeavesOutWhatIsAbsent) {
  EXPECT_FALSE(record_of(Inpaint()).settings.contains("mask"));
  EXPECT_FALSE(record_of(Inpaint()).settings.contains("extend"));
  EXPECT_FALSE(record_of(DepthToImage()).settings.contains("depth_map"));
  EXPECT_TRUE(record_of(DepthToImage()).settings.contains("image"));
}

}  // namespace
}  // namespace velatura::request
