#include <nlohmann/json.hpp>

#include "recipe/matchers.h"
#include "recipe/programs.h"

namespace velatura::recipe {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

void expect_picture_asked_for(const Recipe& recipe) {
  EXPECT_TRUE(std::ranges::any_of(
      recipe.missing, [](const MissingValue& value) { return value.option == "control-image"; }));
}

TEST(ControlUse, IsReadFromTheBlockOfWebUis) {
  const Recipe recipe = from_parameters(
      "a house\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: m, "
      "ControlNet 0: \"Module: canny, Model: control_v11p_sd15_canny [d14c016b], Weight: 0.8, "
      "Resize Mode: Crop and Resize, Processor Res: 512, Threshold A: 50, Threshold B: 150, "
      "Guidance Start: 0.1, Guidance End: 0.9, Control Mode: ControlNet is more important\", "
      "ControlNet 1: \"Module: openpose_full, Model: pose [01234567], Weight: 1\", "
      "ControlNet 2: \"Module: none, Model: None\", Version: v1.9.0");
  EXPECT_THAT(values(recipe, "control"), ElementsAre("control_v11p_sd15_canny", "pose"));
  EXPECT_THAT(values(recipe, "control-scale"), ElementsAre("0.8", "1"));
  EXPECT_THAT(values(recipe, "control-start"), ElementsAre("0.1", "0"));
  EXPECT_THAT(values(recipe, "control-end"), ElementsAre("0.9", "1"));
  EXPECT_THAT(values(recipe, "control-preprocess"), ElementsAre("canny:50:150", "none"));
  EXPECT_EQ(value(recipe, "guess-mode"), "true");
  EXPECT_THAT(recipe, LeavesOut("Crop and Resize"));
  EXPECT_THAT(recipe, LeavesOut("openpose_full"));
  EXPECT_THAT(recipe, LeavesOut("ControlNet 2"));
  expect_picture_asked_for(recipe);
}

TEST(ControlUse, IsReadFromComfyUi) {
  const auto node = [](const char* type, const char* inputs) {
    return json{{"class_type", type}, {"inputs", json::parse(inputs)}};
  };
  const json graph = {
      {"3", node("KSampler", R"({"seed": 1, "steps": 20, "cfg": 8, "sampler_name": "euler",
            "scheduler": "normal", "denoise": 1, "model": ["4", 0], "positive": ["20", 0],
            "negative": ["20", 1], "latent_image": ["5", 0]})")},
      {"4", node("CheckpointLoaderSimple", R"({"ckpt_name": "m.safetensors"})")},
      {"5", node("EmptyLatentImage", R"({"width": 512, "height": 512, "batch_size": 1})")},
      {"6", node("CLIPTextEncode", R"({"text": "a cat", "clip": ["4", 1]})")},
      {"7", node("CLIPTextEncode", R"({"text": "a dog", "clip": ["4", 1]})")},
      {"8", node("VAEDecode", R"({"samples": ["3", 0], "vae": ["4", 2]})")},
      {"9", node("SaveImage", R"({"images": ["8", 0]})")},
      {"20", node("ControlNetApplyAdvanced", R"({"positive": ["6", 0], "negative": ["7", 0],
            "control_net": ["21", 0], "image": ["22", 0], "strength": 0.7, "start_percent": 0.2,
            "end_percent": 0.6})")},
      {"21", node("ControlNetLoader", R"({"control_net_name": "sub/scribble.pth"})")},
      {"22", node("ImageInvert", R"({"image": ["23", 0]})")},
      {"23", node("LoadImage", R"({"image": "sketch.png"})")}};
  const Recipe recipe = from_comfyui(graph.dump());
  EXPECT_EQ(value(recipe, "prompt"), "a cat");
  EXPECT_EQ(value(recipe, "negative-prompt"), "a dog");
  EXPECT_THAT(values(recipe, "control"), ElementsAre("scribble"));
  EXPECT_THAT(values(recipe, "control-scale"), ElementsAre("0.7"));
  EXPECT_THAT(values(recipe, "control-start"), ElementsAre("0.2"));
  EXPECT_THAT(values(recipe, "control-end"), ElementsAre("0.6"));
  EXPECT_THAT(values(recipe, "control-preprocess"), ElementsAre("invert"));
  expect_picture_asked_for(recipe);
}

TEST(ControlUse, IsReadFromInvokeAi) {
  const Recipe recipe = from_invokeai(R"({"generation_mode": "txt2img", "positive_prompt": "a",
      "controlnets": [{"control_model": {"model_name": "canny"}, "control_weight": 0.75,
                       "begin_step_percent": 0, "end_step_percent": 0.5,
                       "control_mode": "more_control"}, {"image": 3}],
      "t2iAdapters": [{"t2i_adapter_model": {"name": "sketch"}, "weight": 1.2}]})");
  EXPECT_THAT(values(recipe, "control"), ElementsAre("canny", "sketch"));
  EXPECT_THAT(values(recipe, "control-scale"), ElementsAre("0.75", "1.2"));
  EXPECT_THAT(values(recipe, "control-end"), ElementsAre("0.5", "1"));
  EXPECT_EQ(value(recipe, "guess-mode"), "true");
  EXPECT_THAT(recipe, LeavesOut("controlnets: {\"image\":3}"));
  expect_picture_asked_for(recipe);
}

}  // namespace
}  // namespace velatura::recipe
