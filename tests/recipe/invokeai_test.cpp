#include "recipe/matchers.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FromInvokeAi, ReadsVersion3) {
  const Recipe recipe = from_invokeai(R"({"app_version": "3.3.0", "generation_mode": "txt2img",
      "positive_prompt": "landscape", "negative_prompt": "low quality", "width": 768, "height": 432,
      "seed": 356120443, "rand_device": "cpu", "cfg_scale": 7.5, "steps": 50,
      "scheduler": "dpmpp_2m_sde_k", "clip_skip": 0, "controlnets": [], "loras": [], "vae": null,
      "model": {"model_name": "amix", "base_model": "sd-1", "model_type": "main"}})");
  EXPECT_EQ(recipe.made_by, "InvokeAI 3.3.0");
  EXPECT_EQ(recipe.task, "txt2img");
  EXPECT_EQ(value(recipe, "prompt"), "landscape");
  EXPECT_EQ(value(recipe, "negative-prompt"), "low quality");
  EXPECT_EQ(value(recipe, "width"), "768");
  EXPECT_EQ(value(recipe, "height"), "432");
  EXPECT_EQ(value(recipe, "seed"), "356120443");
  EXPECT_EQ(value(recipe, "guidance-scale"), "7.5");
  EXPECT_EQ(value(recipe, "steps"), "50");
  EXPECT_EQ(value(recipe, "sampler"), "dpmpp_2m_sde");
  EXPECT_EQ(value(recipe, "schedule"), "karras");
  EXPECT_EQ(value(recipe, "clip-skip"), "0");
  EXPECT_EQ(value(recipe, "model"), "amix");
  EXPECT_THAT(recipe.unmapped, IsEmpty());
}

TEST(FromInvokeAi, SaysWhatDoesNotMap) {
  const Recipe recipe = from_invokeai(R"({"generation_mode": "sdxl_img2img", "strength": 0.6,
      "positive_prompt": "a (red)1.2 ball", "negative_prompt": "bad++", "scheduler": "er_sde",
      "rand_device": "cuda", "cfg_scale": [7, 8], "steps": NaN, "model": {"name": "xl.safetensors"},
      "loras": [{"model": {"name": "fluffy"}, "weight": 0.8}], "hrf_enabled": true})");
  EXPECT_EQ(recipe.made_by, "InvokeAI");
  EXPECT_EQ(recipe.task, "img2img");
  EXPECT_EQ(value(recipe, "strength"), "0.6");
  EXPECT_EQ(value(recipe, "model"), "xl");
  EXPECT_EQ(value(recipe, "guidance-scale"), "-");
  EXPECT_THAT(values(recipe, "lora"), ElementsAre("fluffy:0.8"));
  for (const char* part : {"picture it began with", "weights in the prompt", "cfg_scale: [7,8]",
                           "weights in the negative-prompt", "sampler er_sde", "rand_device: cuda",
                           "hrf_enabled: true"}) {
    EXPECT_THAT(recipe, LeavesOut(part));
  }
}

TEST(FromInvokeAi, ReadsIpAdapters) {
  const Recipe recipe = from_invokeai(R"({"positive_prompt": "a cat", "ipAdapters": [
      {"image": {"image_name": "a.png"}, "ip_adapter_model": {"name": "ip_adapter_plus_sd15"},
       "weight": 0.5, "begin_step_percent": 0, "end_step_percent": 0.7, "method": "full"}]})");
  EXPECT_EQ(value(recipe, "ip-adapter"), "ip_adapter_plus_sd15");
  EXPECT_EQ(value(recipe, "ip-adapter-scale"), "0.5");
  EXPECT_EQ(value(recipe, "ip-adapter-end"), "0.7");
  ASSERT_EQ(recipe.missing.size(), 1u);
  EXPECT_EQ(recipe.missing[0].option, "ip-adapter-image");
}

TEST(FromInvokeAi, ReadsVersion2) {
  const Recipe recipe = from_invokeai_2(R"({"model": "stable diffusion",
      "model_weights": "stable-diffusion-1.5", "model_hash": "cc6cb271", "app_version": "v2.2.4",
      "app_id": "invoke-ai/InvokeAI", "image": {"prompt": [{"prompt": "a robot [blurry, text]",
      "weight": 1}], "steps": 50, "cfg_scale": 7.5, "threshold": 0, "perlin": 0, "height": 768,
      "width": 512, "seed": 1618033988, "seamless": false, "hires_fix": false, "type": "txt2img",
      "postprocessing": null, "sampler": "k_euler_a", "variations": []}})");
  EXPECT_EQ(recipe.made_by, "InvokeAI 2.2.4");
  EXPECT_EQ(recipe.task, "txt2img");
  EXPECT_EQ(value(recipe, "prompt"), "a robot");
  EXPECT_EQ(value(recipe, "negative-prompt"), "blurry, text");
  EXPECT_EQ(value(recipe, "sampler"), "euler_a");
  EXPECT_EQ(value(recipe, "steps"), "50");
  EXPECT_EQ(value(recipe, "guidance-scale"), "7.5");
  EXPECT_EQ(value(recipe, "width"), "512");
  EXPECT_EQ(value(recipe, "height"), "768");
  EXPECT_EQ(value(recipe, "seed"), "1618033988");
  EXPECT_EQ(value(recipe, "model"), "stable-diffusion-1.5");
  EXPECT_EQ(recipe.model_hash, "cc6cb271");
  EXPECT_THAT(recipe.unmapped, IsEmpty());
}

TEST(FromInvokeAi, ReportsTheRestOfVersion2) {
  const Recipe recipe = from_invokeai_2(R"({"image": {"prompt": [{"prompt": "a", "weight": 1},
      {"prompt": "b", "weight": 0.5}], "sampler": "k_dpmpp_2", "hires_fix": true, "perlin": 0.2,
      "variations": [{"seed": 3, "weight": 0.1}]}})");
  EXPECT_EQ(value(recipe, "prompt"), "a");
  EXPECT_EQ(value(recipe, "sampler"), "dpmpp_2m");
  for (const char* part : {"further prompts", "hires_fix: true", "perlin: 0.2", "variations: [{"}) {
    EXPECT_THAT(recipe, LeavesOut(part));
  }
}

TEST(FromInvokeAi, RefusesWhatIsNone) {
  EXPECT_THROW(from_invokeai("[1]"), InputError);
  EXPECT_THROW(from_invokeai("{"), InputError);
  EXPECT_THROW(from_invokeai_2("{}"), InputError);
  EXPECT_THROW(from_invokeai_2(R"({"image": 1})"), InputError);
}

}  // namespace
}  // namespace velatura::recipe
