#include "batch/web_ui_names.h"

#include <gmock/gmock.h>

#include "velatura/error.h"

namespace velatura::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

std::vector<std::string> translated(const Settings& settings) {
  std::vector<std::string> texts;
  for (const Setting& setting : from_web_ui_names(settings))
    texts.push_back(setting.name + (setting.value ? "=" + *setting.value : ""));
  return texts;
}

TEST(WebUiNames, NamesAndValuesAreTranslated) {
  EXPECT_THAT(translated({{"sampler_name", "Euler a"}, {"scheduler", "Automatic"}}),
              ElementsAre("sampler=Euler a", "schedule=default"));
  EXPECT_THAT(translated({{"resize_mode", "2"}, {"inpainting_mask_invert", "1"}}),
              ElementsAre("resize=pad", "invert-mask=1"));
}

TEST(WebUiNames, BatchSizeTimesCountIsTheNumberOfPictures) {
  EXPECT_THAT(translated({{"batch_size", "2"}, {"n_iter", "3"}}), ElementsAre("num-images=6"));
  EXPECT_THAT(translated({{"n_iter", "3"}}), ElementsAre("num-images=3"));
}

TEST(WebUiNames, InpaintingAtFullResolutionIsAMaskCrop) {
  EXPECT_THAT(translated({{"inpaint_full_res", "true"}, {"inpaint_full_res_padding", "16"}}),
              ElementsAre("mask-crop=16"));
  EXPECT_THAT(translated({{"inpaint_full_res", "false"}, {"inpaint_full_res_padding", "16"}}),
              IsEmpty());
}

TEST(WebUiNames, WhatHasNoEffectIsLeftOut) {
  EXPECT_THAT(translated({{"subseed", "-1"},
                          {"subseed_strength", "0"},
                          {"restore_faces", "false"},
                          {"enable_hr", "false"},
                          {"hr_scale", "2"},
                          {"denoising_strength", "0.7"},
                          {"save_images", "true"}}),
              IsEmpty());
  EXPECT_THAT(translated({{"denoising_strength", "0.7"}, {"image", "a.png"}}),
              ElementsAre("strength=0.7", "image=a.png"));
}

TEST(WebUiNames, WhatHasAnEffectAndNoCounterpartIsRefused) {
  const auto refused = [](const std::string& what) {
    return ThrowsMessage<UsageError>(HasSubstr(what + " is not supported"));
  };
  EXPECT_THAT(
      [] {
        from_web_ui_names({{"subseed_strength", "0.5"}});
      },
      refused("--subseed-strength 0.5"));
  EXPECT_THAT([] { from_web_ui_names({{"enable_hr", "true"}}); }, refused("--enable-hr true"));
  EXPECT_THAT([] { from_web_ui_names({{"tiling", std::nullopt}}); }, refused("--tiling"));
  EXPECT_THAT([] { from_web_ui_names({{"resize_mode", "3"}}); }, refused("--resize-mode 3"));
}

TEST(WebUiNames, NumbersAreChecked) {
  EXPECT_THROW(from_web_ui_names({{"n_iter", "0"}}), UsageError);
  EXPECT_THROW(from_web_ui_names({{"batch_size", "2x"}}), UsageError);
  EXPECT_THROW(from_web_ui_names({{"n_iter", "1000000"}}), UsageError);
}

}  // namespace
}  // namespace velatura::batch
