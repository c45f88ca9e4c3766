#include <gmock/gmock.h>

#include <string>

#include "recipe/matchers.h"
#include "recipe/programs.h"

namespace velatura::recipe {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What all of them say.
void expect_settings(const Recipe& recipe) {
  EXPECT_EQ(value(recipe, "prompt"), "a red circle");
  EXPECT_EQ(value(recipe, "negative-prompt"), "blurry");
  EXPECT_EQ(value(recipe, "seed"), "77");
  EXPECT_EQ(value(recipe, "steps"), "12");
  EXPECT_EQ(value(recipe, "guidance-scale"), "5.5");
  EXPECT_EQ(value(recipe, "width"), "512");
  EXPECT_EQ(value(recipe, "height"), "768");
  EXPECT_EQ(value(recipe, "sampler"), "euler_a");
  EXPECT_EQ(recipe.task, "txt2img");
}

TEST(SwarmUi, IsReadFromParameters) {
  const Recipe recipe = recipe_of({{"parameters", R"({
      "sui_image_params": {"prompt": "a red circle", "negativeprompt": "blurry",
          "model": "sub/demo.safetensors", "seed": 77, "steps": 12, "cfgscale": 5.5,
          "aspectratio": "Custom", "width": 512, "height": 768, "sampler": "euler_ancestral",
          "scheduler": "karras", "loras": ["sub/fluffy"], "loraweights": ["0.25"], "swarm_version": "0.9.1.1"},
      "sui_extra_data": {"date": "2024-08-07"}})"}});
  expect_settings(recipe);
  EXPECT_EQ(recipe.made_by, "SwarmUI 0.9.1.1");
  EXPECT_EQ(value(recipe, "model"), "demo");
  EXPECT_THAT(values(recipe, "lora"), ElementsAre("fluffy:0.25"));
  for (const char* part : {"aspectratio: Custom", "2024-08-07", "schedule karras"}) {
    EXPECT_THAT(recipe, LeavesOut(part));
  }
}

TEST(SwarmUi, SaysThatAPictureIsMissing) {
  const Recipe recipe = recipe_of({{"parameters", R"({"sui_image_params": {
      "prompt": "a (red:1.2) circle", "initimagecreativity": 0.6}})"}});
  EXPECT_EQ(recipe.task, "img2img");
  EXPECT_EQ(value(recipe, "strength"), "0.6");
  EXPECT_THAT(recipe, AllOf(LeavesOut("picture it began with"), LeavesOut("as SwarmUI reads")));
}

TEST(Fooocus, IsReadFromParameters) {
  const Recipe recipe = recipe_of({{"fooocus_scheme", "fooocus"}, {"parameters", R"json({
      "adm_guidance": "(1.5, 0.8, 0.3)", "base_model": "demo", "base_model_hash": "aaaaaaaaaa",
      "clip_skip": 2, "guidance_scale": 5.5, "loras": [["fluffy", 0.1, "bb"]],
      "metadata_scheme": "fooocus", "negative_prompt": "blurry", "performance": "Speed",
      "prompt": "a red circle", "refiner_model": "None", "resolution": "(512, 768)",
      "sampler": "euler_ancestral", "scheduler": "karras", "seed": "77", "sharpness": 2,
      "steps": 12, "styles": "['Fooocus V2']", "vae": "Default (model)",
      "version": "Fooocus v2.4.1"})json"}});
  expect_settings(recipe);
  EXPECT_EQ(recipe.made_by, "Fooocus v2.4.1");
  EXPECT_EQ(recipe.model_hash, "aaaaaaaaaa");
  EXPECT_EQ(value(recipe, "clip-skip"), "1");
  EXPECT_EQ(value(recipe, "vae"), "-");
  EXPECT_THAT(values(recipe, "lora"), ElementsAre("fluffy:0.1"));
  for (const char* part :
       {"adm_guidance", "performance: Speed", "sharpness: 2", "styles: ['Fooocus V2']"}) {
    EXPECT_THAT(recipe, LeavesOut(part));
  }
}

TEST(EasyDiffusion, IsReadFromItsTextsAndFromOne) {
  const Recipe of_png = recipe_of({{"prompt", "a red circle"},
                                   {"negative_prompt", "blurry"},
                                   {"seed", "77"},
                                   {"num_inference_steps", "12"},
                                   {"guidance_scale", "5.5"},
                                   {"width", "512"},
                                   {"height", "768"},
                                   {"sampler_name", "euler_a"},
                                   {"use_stable_diffusion_model", "models/demo.ckpt"},
                                   {"use_vae_model", "None"},
                                   {"clip_skip", "True"},
                                   {"tiling", "xy"},
                                   {"velatura", ""}});
  const Recipe of_jpeg = recipe_of({{"parameters", R"({"prompt": "a red circle",
      "negative_prompt": "blurry", "seed": 77, "num_inference_steps": 12, "guidance_scale": 5.5,
      "width": 512, "height": 768, "sampler_name": "euler_a", "clip_skip": true,
      "use_stable_diffusion_model": "demo", "use_vae_model": null, "tiling": "xy"})"}});
  for (const Recipe& recipe : {of_png, of_jpeg}) {
    expect_settings(recipe);
    EXPECT_EQ(recipe.made_by, "Easy Diffusion");
    EXPECT_EQ(value(recipe, "model"), "demo");
    EXPECT_EQ(value(recipe, "clip-skip"), "1");
    EXPECT_THAT(recipe.unmapped, ElementsAre("tiling: xy"));
  }
}

TEST(NovelAi, IsReadFromComment) {
  const Recipe recipe = recipe_of({{"Title", "AI generated image"},
                                   {"Description", "a red circle"},
                                   {"Software", "NovelAI"},
                                   {"Source", "Stable Diffusion F1022A28"},
                                   {"Comment", R"({"steps": 12, "sampler": "k_euler_ancestral",
      "seed": 77, "strength": 0.7, "scale": 5.5, "uc": "blurry", "width": 512, "height": 768,
      "noise_schedule": "native", "sm": false, "signed_hash": "x"})"}});
  expect_settings(recipe);
  EXPECT_EQ(recipe.made_by, "NovelAI");
  EXPECT_THAT(recipe,
              AllOf(LeavesOut("its model, Stable Diffusion F1022A28"), LeavesOut("strength: 0.7")));
  EXPECT_EQ(recipe_of({{"Comment", "Created with GIMP"}}).made_by, "");
  EXPECT_THAT(recipe_of({{"Comment", "Created with GIMP"}}).unmapped, IsEmpty());
}

TEST(Dream, IsReadAsACommandLine) {
  for (const char* line :
       {R"("a red circle [blurry]" -s 12 -S 77 -W 512 -H 768 -C 5.5 -A k_euler_a)",
        R"("a red circle [blurry]" -s12 -b1 -W512 -H768 -C5.5 -mk_euler_a -S77 --seamless)",
        "a red circle [blurry] -s12 -S77 -W512 -H768 -C5.5 -Ak_euler_a"}) {
    const Recipe recipe = recipe_of({{"Dream", line}});
    expect_settings(recipe);
    EXPECT_EQ(recipe.made_by, "InvokeAI 1");
  }
  const Recipe changed = recipe_of({{"Dream", R"("a "red" circle" -I in.png -f 0.4 -s 5 -U 2)"}});
  EXPECT_EQ(value(changed, "prompt"), "a \"red\" circle");
  EXPECT_EQ(changed.task, "img2img");
  EXPECT_EQ(value(changed, "strength"), "0.4");
  EXPECT_THAT(changed, AllOf(LeavesOut("-I: in.png"), LeavesOut("-U: 2")));
  EXPECT_THAT(recipe_of({{"Dream", "no switches"}}).unmapped, ElementsAre(HasSubstr("Dream: ")));
}

TEST(OtherPrograms, AreNamedWhereTheirSettingsAreNotRead) {
  EXPECT_THAT(recipe_of({{"Software", "Draw Things"}}).unmapped,
              ElementsAre("made by Draw Things, whose settings are not read"));
  EXPECT_THAT(
      recipe_of({{"workflow", "{}"}}).unmapped,
      ElementsAre("made by ComfyUI, without the graph that it ran, whose settings are not read"));
  EXPECT_THAT(recipe_of({{"parameters", R"({"a": 1, "b": 2})"}}).unmapped,
              ElementsAre("parameters: JSON of a program that is not known, with a, b"));
}

}  // namespace
}  // namespace velatura::recipe
