#include <nlohmann/json.hpp>

#include "recipe/matchers.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// As pipelines/receipt.cpp writes it.
json receipt() {
  return json::parse(R"({"velatura": "0.1.0", "task": "txt2img", "prompt": "a red circle",
      "negative_prompt": "", "seed": 5, "width": 512, "height": 448, "steps": 20,
      "guidance_scale": 7.5, "guidance_rescale": 0.0, "clip_skip": 1, "sampler": "dpmpp_2m",
      "schedule": "karras", "timestep_spacing": "leading", "eta": 0.0, "prediction": "epsilon",
      "starting_noise": "seed", "prompt_syntax": "webui",
      "model": {"name": "demo", "sha256": "0123abcd", "vae": ""}, "device": "cpu",
      "dtype": "float32", "vae_dtype": "float32", "vae_tile": 0, "libtorch": "2.11.0",
      "pixels": "89ab"})");
}

TEST(FromReceipt, MapsEveryKey) {
  const Recipe recipe = from_receipt(receipt().dump());
  EXPECT_EQ(recipe.made_by, "velatura 0.1.0");
  EXPECT_EQ(recipe.task, "txt2img");
  EXPECT_EQ(recipe.model_hash, "0123abcd");
  EXPECT_THAT(recipe.unmapped, IsEmpty());
  EXPECT_THAT(recipe.settings,
              UnorderedElementsAre(Pair("prompt", "a red circle"), Pair("seed", "5"),
                                   Pair("width", "512"), Pair("height", "448"), Pair("steps", "20"),
                                   Pair("guidance-scale", "7.5"), Pair("guidance-rescale", "0"),
                                   Pair("clip-skip", "1"), Pair("sampler", "dpmpp_2m"),
                                   Pair("schedule", "karras"), Pair("timestep-spacing", "leading"),
                                   Pair("eta", "0"), Pair("prediction", "epsilon"),
                                   Pair("prompt-syntax", "webui"), Pair("model", "demo"),
                                   Pair("device", "cpu"), Pair("dtype", "float32"),
                                   Pair("vae-dtype", "float32"), Pair("vae-tile", "off")));
}

TEST(FromReceipt, ReadsRefinersAndTellsAnEmptyNegativePromptFromNone) {
  json object = receipt();
  EXPECT_EQ(from_receipt(object.dump()).find("negative-prompt"), std::nullopt);
  object["empty_negative_prompt"] = "encoded";
  object["model"]["refiner"] = "xl-refiner";
  object["model"]["refiner_sha256"] = "4567";
  object["refiner_start"] = 0.75;
  object["crop_top_left"] = "-3,8";
  object["aesthetic_score"] = 7.5;
  const Recipe recipe = from_receipt(object.dump());
  EXPECT_THAT(recipe.unmapped, IsEmpty());
  EXPECT_EQ(recipe.find("negative-prompt"), "");
  EXPECT_EQ(value(recipe, "refiner"), "xl-refiner");
  EXPECT_EQ(recipe.refiner_hash, "4567");
  EXPECT_EQ(value(recipe, "refiner-start"), "0.75");
  EXPECT_EQ(value(recipe, "crop-top-left"), "-3,8");
  EXPECT_EQ(value(recipe, "aesthetic-score"), "7.5");
}

TEST(FromReceipt, ReadsPriorsAndWhatTheyMix) {
  json object = receipt();
  object["model"]["prior"] = "k-prior";
  object["model"]["prior_sha256"] = "89ab";
  object["prior_steps"] = 30;
  object["mix"] = json::parse(R"(["a cat:0.5", "a: dog"])");
  const Recipe texts = from_receipt(object.dump());
  EXPECT_THAT(texts.unmapped, IsEmpty());
  EXPECT_EQ(value(texts, "prior"), "k-prior");
  EXPECT_EQ(texts.prior_hash, "89ab");
  EXPECT_EQ(value(texts, "prior-steps"), "30");
  EXPECT_THAT(texts.settings, Contains(Pair("mix", "a cat:0.5")));
  EXPECT_THAT(texts.settings, Contains(Pair("mix", "a: dog")));
  // Where there are pictures among them, all must be given again.
  object["mix"].push_back({{"width", 4}, {"height", 3}, {"sha256", "cd"}, {"weight", 0.5}});
  object["image_embeds_in"] = "from a file";
  const Recipe pictures = from_receipt(object.dump());
  EXPECT_THAT(pictures.unmapped, IsEmpty());
  EXPECT_EQ(pictures.find("mix"), std::nullopt);
  ASSERT_EQ(pictures.inputs.size(), 2u);
  for (const auto& [option, size, sha256] : pictures.inputs) {
    EXPECT_EQ(size, option == "mix" ? "4x3" : "");
    EXPECT_EQ(sha256, option == "mix" ? "cd" : "");
    EXPECT_THAT(option, AnyOf("mix", "image-embeds-in"));
  }
}

TEST(FromReceipt, ReadsWhatOnlySomeTasksHave) {
  json object = receipt();
  object.update(json::parse(R"({"task": "inpaint", "strength": 0.75, "resize": "crop",
      "image": {"width": 64, "height": 64, "sha256": "aa"},
      "depth_map": {"width": 64, "height": 48, "sha256": "bb"}, "mask_blur": 4.0, "mask_crop": 32,
      "extend": {"left": 128, "top": 0, "right": 64, "bottom": 0}, "paste": false, "vae_tile": 512,
      "starting_noise": "from a file", "model": {"name": "m", "vae": "kl-f8", "ema": true}})"));
  const Recipe recipe = from_receipt(object.dump());
  EXPECT_EQ(recipe.task, "inpaint");
  EXPECT_EQ(value(recipe, "strength"), "0.75");
  EXPECT_EQ(value(recipe, "resize"), "crop");
  EXPECT_EQ(value(recipe, "mask-blur"), "4");
  EXPECT_EQ(value(recipe, "mask-crop"), "32");
  EXPECT_EQ(value(recipe, "extend"), "left=128,right=64");
  EXPECT_EQ(value(recipe, "no-paste"), "true");
  EXPECT_EQ(value(recipe, "vae-tile"), "512");
  EXPECT_EQ(value(recipe, "vae"), "kl-f8");
  EXPECT_EQ(value(recipe, "ema"), "true");
  ASSERT_EQ(recipe.inputs.size(), 3u);  // in the order of the keys
  for (const auto& [input, option] : {std::pair{0, "depth-map"}, {1, "image"}, {2, "latents-in"}})
    EXPECT_EQ(recipe.inputs[static_cast<std::size_t>(input)].option, option);
  EXPECT_EQ(recipe.inputs[0].size, "64x48");
  EXPECT_EQ(recipe.inputs[0].sha256, "bb");
  EXPECT_EQ(recipe.inputs[2].size, "");
  EXPECT_THAT(recipe.unmapped, IsEmpty());
  object["task"] = "upscale";
  EXPECT_EQ(value(from_receipt(object.dump()), "width"), "-") << "the input's, four times as large";
  object["resize"] = "pad";
  EXPECT_EQ(value(from_receipt(object.dump()), "resize"), "pad");
  object.erase("resize");
  EXPECT_EQ(value(from_receipt(object.dump()), "resize"), "stretch") << "as it was before";
}

TEST(FromReceipt, LeavesOutASpacingThatTheSamplerDoesNotTake) {
  json object = receipt();
  for (const char* sampler : {"lcm", "tcd", "dpmpp_2s"}) {
    object["sampler"] = sampler;
    EXPECT_EQ(value(from_receipt(object.dump()), "timestep-spacing"), "-") << sampler;
  }
}

TEST(FromReceipt, LeavesOutWrongTypesAndUnknownKeys) {
  json object = receipt();
  object.update(json::parse(R"({"task": "video", "prompt": 3, "seed": -1, "steps": 2.5,
      "width": 1e30, "guidance_scale": "7", "eta": null, "paste": 1, "extend": {"left": "x"},
      "model": [], "frames": {"a": [1, 2]},
      "image": {"width": 64, "height": "x", "sha256": "aa"}, "starting_noise": "moon"})"));
  const Recipe recipe = from_receipt(object.dump());
  EXPECT_EQ(recipe.task, "");
  for (const char* option :
       {"prompt", "seed", "steps", "width", "guidance-scale", "eta", "model", "extend"}) {
    EXPECT_EQ(value(recipe, option), "-") << option;
  }
  for (const char* part :
       {"task video", "prompt: 3", "seed: -1", "steps: 2.5", "width: 1e+30", "guidance_scale: 7",
        "paste: 1", "extend: {\"left\":\"x\"}", "model: []", "frames: {\"a\":[1,2]}",
        "the input's image: {\"height\":\"x\"", "starting noise: moon"}) {
    EXPECT_THAT(recipe, LeavesOut(part));
  }
}

TEST(FromReceipt, RefusesWhatIsNone) {
  for (const std::string& text : {std::string("{"), std::string("[]"), std::string("{}"),
                                  std::string(R"({"velatura": 1})"), std::string(100'000, '[')}) {
    EXPECT_THROW(from_receipt(text), InputError);
  }
}

}  // namespace
}  // namespace velatura::recipe
