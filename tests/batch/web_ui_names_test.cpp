#include "batch/web_ui_names.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "batch/job_line.h"
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

// The fields of txt2img and img2img as the API documents them, at their defaults.
TEST(WebUiNames, AWholePayloadAtItsDefaultsSaysNothingMore) {
  const std::string common =
      R"("prompt": "a", "styles": [], "seed": -1, "subseed": -1, "subseed_strength": 0.0,
      "seed_resize_from_h": -1, "seed_resize_from_w": -1, "sampler_name": "Euler a",
      "scheduler": "Automatic", "batch_size": 1, "n_iter": 1, "restore_faces": false,
      "tiling": null, "do_not_save_samples": false, "do_not_save_grid": true, "eta": null,
      "s_min_uncond": 0, "s_churn": 0, "s_tmax": 0, "s_tmin": 0, "s_noise": 1.0,
      "override_settings": {}, "override_settings_restore_afterwards": true,
      "refiner_checkpoint": "", "refiner_switch_at": 0, "disable_extra_networks": false,
      "firstpass_image": null, "comments": {}, "force_task_id": "", "sampler_index": "Euler",
      "script_name": "", "script_args": [1], "send_images": true, "save_images": false,
      "alwayson_scripts": {}, "infotext": "")";
  const auto settings = [&](const std::string& more) {
    std::vector<std::string> texts;
    const auto settings = parse_job_line("{" + common + more + "}");
    for (const Setting& setting : settings.value())
      texts.push_back(setting.name + "=" + setting.value.value());
    return texts;
  };
  EXPECT_THAT(
      settings(R"(, "enable_hr": false, "denoising_strength": 0, "firstphase_width": 0,
                          "firstphase_height": 0, "hr_scale": 2, "hr_upscaler": "")"),
      ElementsAre("prompt=a", "seed=-1", "sampler=Euler a", "schedule=default", "num-images=1"));
  const std::string mask =
      R"(, "mask_blur_x": 4, "mask_blur_y": 4, "mask_blur": 0, "mask_round": true,
      "inpainting_fill": 0, "inpaint_full_res": true, "inpaint_full_res_padding": 0,
      "inpainting_mask_invert": 0, "initial_noise_multiplier": 1, "latent_mask": "",
      "image_cfg_scale": 1.5, "include_init_images": false, "resize_mode": 0)";
  EXPECT_THAT(
      settings(R"(, "init_images": ["in.png"], "mask": "", "denoising_strength": 0.75)" + mask),
      ElementsAre("prompt=a", "seed=-1", "sampler=Euler a", "schedule=default", "image=in.png",
                  "strength=0.75", "resize=stretch", "num-images=1"));
  EXPECT_THAT([&] { settings(R"(, "init_images": ["in.png"], "mask": "m.png")" + mask); },
              ThrowsMessage<UsageError>(HasSubstr("--inpainting-fill 0 is not supported")));
}

TEST(WebUiNames, WhatIsNotAtItsDefaultIsNamed) {
  for (const char* field :
       {"\"styles\": [\"x\"]", "\"alwayson_scripts\": {\"ControlNet\": {}}", "\"s_noise\": 0.5",
        "\"script_name\": \"x/y\"", "\"infotext\": \"Steps: 3\"", "\"tiling\": true",
        "\"refiner_switch_at\": 0.8", "\"firstpass_image\": \"a.png\"", "\"enable_hr\": true",
        "\"disable_extra_networks\": true", "\"subseed_strength\": 0.5"}) {
    const std::string name(field + 1, std::string_view(field).find('"', 1) - 1);
    std::string dashed = name;
    std::ranges::replace(dashed, '_', '-');
    EXPECT_THAT([&] { parse_job_line("{\"prompt\": \"a\", " + std::string(field) + "}"); },
                ThrowsMessage<UsageError>(HasSubstr("--" + dashed + " ")))
        << field;
  }
}

TEST(WebUiNames, ASamplerIndexCountsWhereNoNameDoes) {
  EXPECT_THAT(translated({{"sampler_index", "Euler"}}), ElementsAre("sampler=Euler"));
  EXPECT_THAT(translated({{"sampler_name", "DDIM"}, {"sampler_index", "Euler"}}),
              ElementsAre("sampler=DDIM"));
}

TEST(WebUiNames, TheBlurOfAMaskIsTheSameInBothDirections) {
  EXPECT_THAT(translated({{"mask", "m.png"}, {"mask_blur_x", "4"}, {"mask_blur_y", "4"}}),
              ElementsAre("mask=m.png", "mask-blur=4"));
  EXPECT_THAT(translated({{"mask", "m.png"}, {"mask_blur", "2"}, {"mask_blur_x", "4"}}),
              ElementsAre("mask=m.png", "mask-blur=2"));
  EXPECT_THROW(from_web_ui_names({{"mask", "m.png"}, {"mask_blur_x", "4"}, {"mask_blur_y", "5"}}),
               UsageError);
}

TEST(WebUiNames, NumbersAreChecked) {
  EXPECT_THROW(from_web_ui_names({{"n_iter", "0"}}), UsageError);
  EXPECT_THROW(from_web_ui_names({{"batch_size", "2x"}}), UsageError);
  EXPECT_THROW(from_web_ui_names({{"n_iter", "1000000"}}), UsageError);
}

}  // namespace
}  // namespace velatura::batch
