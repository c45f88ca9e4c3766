#include "recipe/matchers.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(FromParameters, ReadsAWebUisPicture) {
  const Recipe recipe = from_parameters(
      "portrait of a (cat:1.2), [dull]\nNegative prompt: blurry, bad\n"
      "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 3735928559, "
      "Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Clip skip: 2, RNG: CPU, "
      "Version: v1.10.1");
  EXPECT_EQ(recipe.made_by, "a web UI v1.10.1");
  EXPECT_EQ(recipe.task, "txt2img");
  EXPECT_EQ(value(recipe, "prompt"), "portrait of a (cat:1.2), [dull]");
  EXPECT_EQ(value(recipe, "negative-prompt"), "blurry, bad");
  EXPECT_EQ(value(recipe, "prompt-syntax"), "webui");
  EXPECT_EQ(value(recipe, "steps"), "20");
  EXPECT_EQ(value(recipe, "sampler"), "dpmpp_2m");
  EXPECT_EQ(value(recipe, "schedule"), "karras");
  EXPECT_EQ(value(recipe, "timestep-spacing"), "linspace");
  EXPECT_EQ(value(recipe, "guidance-scale"), "7.5");
  EXPECT_EQ(value(recipe, "seed"), "3735928559");
  EXPECT_EQ(value(recipe, "width"), "512");
  EXPECT_EQ(value(recipe, "height"), "768");
  EXPECT_EQ(value(recipe, "model"), "v1-5-pruned-emaonly");
  EXPECT_EQ(value(recipe, "clip-skip"), "1");
  EXPECT_EQ(recipe.model_hash, "6ce0161689");
  EXPECT_THAT(recipe.unmapped, IsEmpty());
}

TEST(FromParameters, ReadsRefiners) {
  const std::string begin = "a cat\nSteps: 30, Sampler: Euler, Seed: 1, Size: 1024x1024, ",
                    further = "Refiner: sd_xl_refiner_1.0 [7440042bbd], Refiner switch at: 0.75, ";
  const Recipe recipe = from_parameters(begin + further + "RNG: CPU, Version: v1.10.1");
  EXPECT_EQ(value(recipe, "refiner"), "sd_xl_refiner_1.0");
  EXPECT_EQ(value(recipe, "refiner-start"), "0.75");
  EXPECT_EQ(recipe.refiner_hash, "7440042bbd");
  EXPECT_THAT(recipe.unmapped,
              ElementsAre("the refiner begins there after a share of the steps, here of the "
                          "timesteps"));
  const Recipe own = from_parameters(begin + further + "Version: velatura 0.1");
  EXPECT_EQ(value(own, "refiner"), "sd_xl_refiner_1.0");
  EXPECT_EQ(value(own, "refiner-start"), "0.75");
  EXPECT_EQ(own.refiner_hash, "7440042bbd");
  EXPECT_THAT(own.unmapped, IsEmpty());
}

TEST(FromParameters, TakesWhatNamesARefinerAsItStands) {
  const auto named = [](const std::string& refiner) {
    return from_parameters("a\nSteps: 3, Sampler: Euler, Seed: 1, Refiner: " + refiner);
  };
  for (const auto& [refiner, name] :
       {std::pair{"plain", "plain"}, std::pair{"a[b] [0123456789]", "a[b]"},
        std::pair{"\"sdxl\\\\refiner, v1.safetensors [0123456789]\"", "refiner, v1"},
        std::pair{"bracket [0123456789", "bracket [0123456789"}}) {
    EXPECT_EQ(value(named(refiner), "refiner"), name);
  }
  EXPECT_EQ(named("plain").refiner_hash, "");
  EXPECT_EQ(named("a[b] [0123456789]").refiner_hash, "0123456789");
  const Recipe never = from_parameters("a\nSteps: 3, Sampler: Euler, Refiner switch at: soon");
  EXPECT_EQ(value(never, "refiner-start"), "-");
  EXPECT_THAT(never, LeavesOut("Refiner switch at: soon"));
}

TEST(FromParameters, SaysHowWeightsInPromptsCounted) {
  const auto left_out = [](const std::string& further) {
    return from_parameters("a (b:1.2)\nSteps: 3, Sampler: Euler, RNG: CPU, " + further).unmapped;
  };
  EXPECT_THAT(left_out("Emphasis: No norm, Version: v1.10.1"),
              ElementsAre("Emphasis: No norm, but with Stable Diffusion XL"));
  EXPECT_THAT(left_out("Emphasis: Ignore, Version: v1.10.1"), ElementsAre("Emphasis: Ignore"));
  const Recipe own = from_parameters(
      "a (b:1.2)\nSteps: 3, Sampler: Euler, Emphasis: No norm, Version: velatura 0.1");
  EXPECT_THAT(own.unmapped, IsEmpty());
  EXPECT_EQ(value(own, "prompt-syntax"), "webui");
  EXPECT_EQ(value(own, "prompt"), "a (b:1.2)");
}

TEST(FromParameters, ReadsOldSamplerNames) {
  const Recipe recipe = from_parameters(
      "a cat\nSteps: 20, Sampler: DPM++ SDE Karras, CFG scale: 7, Seed: 1, Size: 512x512");
  EXPECT_EQ(recipe.made_by, "a web UI");
  EXPECT_EQ(value(recipe, "sampler"), "dpmpp_sde");
  EXPECT_EQ(value(recipe, "schedule"), "karras");
  EXPECT_EQ(value(recipe, "negative-prompt"), "-");
  EXPECT_THAT(recipe, LeavesOut("starting noise from GPU"));
  const Recipe plain = from_parameters("a\nSteps: 2, Sampler: Euler a, Seed: 1, RNG: NV");
  EXPECT_EQ(value(plain, "sampler"), "euler_a");
  EXPECT_EQ(value(plain, "schedule"), "default");
  EXPECT_EQ(value(plain, "timestep-spacing"), "linspace");
  EXPECT_THAT(plain, LeavesOut("starting noise from NV"));
}

TEST(FromParameters, TellsImageToImageFromAHiresPass) {
  const std::string common = "a\nSteps: 20, Sampler: DDIM, Seed: 1, Denoising strength: 0.6";
  const Recipe changed = from_parameters(common);
  EXPECT_EQ(changed.task, "img2img");
  EXPECT_EQ(value(changed, "strength"), "0.6");
  EXPECT_EQ(value(changed, "timestep-spacing"), "-") << "DDIM has levels of its own";
  EXPECT_THAT(changed, LeavesOut("picture it began with"));
  const Recipe painted = from_parameters(common + ", Mask blur: 4");
  EXPECT_EQ(painted.task, "inpaint");
  EXPECT_EQ(value(painted, "mask-blur"), "4");
  const Recipe hires = from_parameters(common + ", Hires upscale: 2, Hires upscaler: Latent");
  EXPECT_EQ(hires.task, "txt2img");
  EXPECT_EQ(value(hires, "strength"), "-");
  EXPECT_THAT(hires, LeavesOut("hires pass with denoising strength 0.6"));
  EXPECT_THAT(hires, LeavesOut("Hires upscale: 2"));
}

TEST(FromParameters, SaysWhatDoesNotMap) {
  const Recipe recipe = from_parameters(
      "a cat <lora:fluffy:0.8><hypernet:old:1>, x < y\nSteps: many, Sampler: Restart, Schedule type: KL Optimal, "
      "Seed: 18446744073709551616, Size: wide, Clip skip: 0, Variation seed: 7, ENSD: 31337, VAE: "
      "x.pt, Lora hashes: \"fluffy: 0123456789ab\"");
  EXPECT_EQ(value(recipe, "prompt"), "a cat , x < y");
  for (const char* option : {"steps", "sampler", "schedule", "seed", "width", "clip-skip"}) {
    EXPECT_EQ(value(recipe, option), "-") << option;
  }
  for (const char* part : {"network hypernet:old:1", "Steps: many", "sampler Restart",
                           "schedule KL Optimal", "Seed: 1.84467", "Size: wide", "Clip skip: 0",
                           "Variation seed: 7", "ENSD: 31337", "VAE: x.pt"}) {
    EXPECT_THAT(recipe, LeavesOut(part));
  }
}

TEST(FromParameters, ReadsNetworksAndTheirHashes) {
  const Recipe recipe = from_parameters(
      "a cat <lora:fluffy:0.8>, <lora:b v2:0.5:1> <lyco:c:unet=0.25>\nNegative prompt: x\n"
      "Steps: 2, Sampler: Euler, Lora hashes: \"fluffy: 0123456789ab, b v2: ba9876543210\"");
  EXPECT_EQ(value(recipe, "prompt"), "a cat ,");
  EXPECT_THAT(values(recipe, "lora"), ElementsAre("fluffy:0.8", "b v2:1:0.5", "c:0.25:1"));
  EXPECT_EQ(recipe.adapters.size(), 2u);
  EXPECT_EQ(recipe.adapters.at("b v2"), std::vector<std::string>{"ba9876543210"});
  EXPECT_THAT(from_parameters("a <lora:b:x>\nSteps: 2, Sampler: Euler, Seed: 1"),
              LeavesOut("'x' is no number"));
}

TEST(FromParameters, SeedsHave64Bits) {
  const Recipe recipe =
      from_parameters("a cat\nSteps: 2, Sampler: Euler, Seed: 18446744073709551615");
  EXPECT_EQ(value(recipe, "seed"), "18446744073709551615");
}

TEST(FromParameters, KnowsOtherWriters) {
  const std::string common = "a [b]\nSteps: 2, Sampler: Euler, Schedule type: Automatic, Seed: 1";
  const Recipe own = from_parameters(common + ", Version: velatura 0.1.0");
  EXPECT_EQ(own.made_by, "velatura 0.1.0");
  EXPECT_EQ(value(own, "prompt-syntax"), "-");
  EXPECT_EQ(value(own, "timestep-spacing"), "-");
  EXPECT_THAT(own.unmapped, IsEmpty());
  EXPECT_EQ(from_parameters(common + ", Version: f2.0.1v1.10.1-previous").made_by,
            "stable-diffusion-webui-forge f2.0.1v1.10.1-previous");
  const Recipe other = from_parameters(common + ", Version: ComfyUI");
  EXPECT_EQ(other.made_by, "ComfyUI");
  EXPECT_THAT(other, Not(LeavesOut("noise")));
  EXPECT_THROW(from_parameters("just words"), InputError);
}

}  // namespace
}  // namespace velatura::recipe
