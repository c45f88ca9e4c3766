#include <nlohmann/json.hpp>

#include "recipe/matchers.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The graph of ComfyUI's first workflow, with a node for CLIP skip.
json graph() {
  return json::parse(R"({
    "3": {"class_type": "KSampler", "inputs": {"seed": 156680208700286, "steps": 20, "cfg": 8.0,
          "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1.0, "model": ["4", 0],
          "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple",
          "inputs": {"ckpt_name": "SD1.5/v1-5-pruned-emaonly.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768,
          "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a glass bottle", "clip": ["10", 0]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "watermark", "clip": ["10", 0]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}},
    "10": {"class_type": "CLIPSetLastLayer", "inputs": {"stop_at_clip_layer": -2, "clip": ["4", 1]}}
  })");
}

json node(const char* type, const char* inputs) {
  return {{"class_type", type}, {"inputs", json::parse(inputs)}};
}

Recipe read(const json& nodes) {
  return from_comfyui(nodes.dump());
}

TEST(FromComfyUi, ReadsTextToImage) {
  const Recipe recipe = read(graph());
  EXPECT_EQ(recipe.made_by, "ComfyUI");
  EXPECT_EQ(recipe.task, "txt2img");
  EXPECT_EQ(value(recipe, "prompt"), "a glass bottle");
  EXPECT_EQ(value(recipe, "negative-prompt"), "watermark");
  EXPECT_EQ(value(recipe, "prompt-syntax"), "webui");
  EXPECT_EQ(value(recipe, "seed"), "156680208700286");
  EXPECT_EQ(value(recipe, "steps"), "20");
  EXPECT_EQ(value(recipe, "guidance-scale"), "8");
  EXPECT_EQ(value(recipe, "sampler"), "dpmpp_2m");
  EXPECT_EQ(value(recipe, "schedule"), "karras");
  EXPECT_EQ(value(recipe, "timestep-spacing"), "linspace");
  EXPECT_EQ(value(recipe, "width"), "512");
  EXPECT_EQ(value(recipe, "height"), "768");
  EXPECT_EQ(value(recipe, "clip-skip"), "1");
  EXPECT_EQ(value(recipe, "model"), "v1-5-pruned-emaonly");
  EXPECT_EQ(value(recipe, "strength"), "-");
  EXPECT_THAT(recipe.unmapped, IsEmpty());
}

TEST(FromComfyUi, KnowsItsSamplersAndSchedulers) {
  struct Case {
    const char *sampler_name, *scheduler, *sampler, *schedule, *spacing;
  };
  for (const Case& each : {Case{"euler", "normal", "euler", "default", "linspace"},
                           {"euler_ancestral", "simple", "euler_a", "default", "trailing"},
                           {"dpmpp_sde", "exponential", "dpmpp_sde", "exponential", "linspace"},
                           {"dpm_2_ancestral", "ddim_uniform", "dpm2_a", "default", "leading"},
                           {"heun", "sgm_uniform", "heun", "sgm_uniform", "-"},
                           {"uni_pc_bh2", "karras", "unipc", "karras", "-"},
                           {"ddim", "normal", "ddim", "default", "-"},
                           {"lcm", "sgm_uniform", "lcm", "-", "-"},
                           {"res_multistep", "kl_optimal", "-", "-", "-"},
                           {"lms", "kl_optimal", "lms", "-", "-"}}) {
    json nodes = graph();
    nodes["3"]["inputs"]["sampler_name"] = each.sampler_name;
    nodes["3"]["inputs"]["scheduler"] = each.scheduler;
    const Recipe recipe = read(nodes);
    EXPECT_EQ(value(recipe, "sampler"), each.sampler);
    EXPECT_EQ(value(recipe, "schedule"), each.schedule) << each.sampler;
    EXPECT_EQ(value(recipe, "timestep-spacing"), each.spacing) << each.sampler;
  }
  json nodes = graph();
  nodes["3"]["inputs"]["sampler_name"] = "res_multistep";
  EXPECT_THAT(read(nodes), LeavesOut("sampler res_multistep"));
  EXPECT_THAT(read(nodes), LeavesOut("schedule karras"));
  nodes["3"]["inputs"]["sampler_name"] = "euler_ancestral";
  EXPECT_EQ(value(read(nodes), "schedule"), "-");
  EXPECT_THAT(read(nodes), LeavesOut("schedule karras, which euler_a does not take"));
  nodes["3"]["inputs"]["scheduler"] = "kl_optimal";
  EXPECT_THAT(read(nodes), LeavesOut("schedule kl_optimal"));
  nodes["3"]["inputs"]["sampler_name"] = "euler";
  nodes["3"]["inputs"]["scheduler"] = "beta";
  EXPECT_EQ(value(read(nodes), "schedule"), "beta");
  EXPECT_THAT(read(nodes), LeavesOut("schedule beta: there over timesteps"));
  nodes["3"]["inputs"]["sampler_name"] = "dpmpp_2m_sde_gpu";
  EXPECT_EQ(value(read(nodes), "sampler"), "dpmpp_2m_sde");
  EXPECT_THAT(read(nodes), LeavesOut("noise from the GPU"));
}

TEST(FromComfyUi, ReadsImageToImage) {
  json nodes = graph();
  nodes["3"]["inputs"]["denoise"] = 0.6;
  nodes["5"] = node("VAEEncode", R"({"pixels": ["11", 0], "vae": ["4", 2]})");
  nodes["11"] = node("LoadImage", R"({"image": "example.png"})");
  const Recipe recipe = read(nodes);
  EXPECT_EQ(recipe.task, "img2img");
  EXPECT_EQ(value(recipe, "strength"), "0.6");
  EXPECT_EQ(value(recipe, "steps"), "34") << "20 of them are done";
  EXPECT_THAT(recipe, LeavesOut("picture it began with: example.png"));
  EXPECT_THAT(recipe, LeavesOut("steps: 20 are the last of 34"));
  nodes["3"]["inputs"].update({{"denoise", 0.29}, {"steps", 29}});
  EXPECT_EQ(value(read(nodes), "steps"), "101") << "100 * 0.29 is below 29";
  nodes["5"] = node("VAEEncodeForInpaint", R"({"pixels": ["11", 0], "mask": ["11", 1]})");
  EXPECT_EQ(read(nodes).task, "inpaint");
}

TEST(FromComfyUi, GoesBackToTheFirstPass) {
  json nodes = graph();
  nodes["20"] = nodes["3"];
  nodes["20"]["inputs"].update({{"denoise", 0.5}, {"seed", 7}, {"latent_image", {"21", 0}}});
  nodes["21"] = node("LatentUpscale", R"({"samples": ["3", 0], "width": 1024, "height": 1536})");
  nodes["8"]["inputs"]["samples"] = {"20", 0};
  nodes["30"] = nodes["3"];
  const Recipe recipe = read(nodes);
  EXPECT_EQ(value(recipe, "seed"), "156680208700286");
  EXPECT_EQ(value(recipe, "width"), "512");
  EXPECT_THAT(recipe, LeavesOut("node 20 KSampler, a further pass"));
  EXPECT_THAT(recipe, LeavesOut("node 21 LatentUpscale"));
  EXPECT_THAT(recipe, LeavesOut("node 30 KSampler, a sampler beside"));
}

TEST(FromComfyUi, ReportsNodesOnTheWay) {
  json nodes = graph();
  nodes["12"] = node("LoraLoader", R"({"lora_name": "sub/fluffy.safetensors", "model": ["16", 0],
                                          "strength_model": 0.8, "strength_clip": 0.5})");
  nodes["16"] = node("LoraLoaderModelOnly",
                     R"({"lora_name": "b.pt", "model": ["4", 0], "strength_model": -0.5})");
  nodes["13"] = node("ControlNetApplyAdvanced",
                     R"({"positive": ["6", 0], "negative": ["7", 0], "strength": 0.5})");
  nodes["14"] = node("ImageUpscaleWithModel", R"({"image": ["8", 0], "upscale_model": ["15", 0]})");
  nodes["3"]["inputs"].update(
      {{"model", {"12", 0}}, {"positive", {"13", 0}}, {"negative", {"13", 1}}});
  nodes["9"]["inputs"]["images"] = {"14", 0};
  nodes["5"]["inputs"]["batch_size"] = 4;
  const Recipe recipe = read(nodes);
  EXPECT_EQ(value(recipe, "prompt"), "a glass bottle");
  EXPECT_EQ(value(recipe, "negative-prompt"), "watermark");
  EXPECT_EQ(value(recipe, "model"), "v1-5-pruned-emaonly");
  EXPECT_THAT(values(recipe, "lora"), ElementsAre("fluffy:0.8:0.5", "b:-0.5:0"));
  for (const char* part : {"node 13 ControlNetApplyAdvanced", "node 14 ImageUpscaleWithModel",
                           "one of a batch of 4"}) {
    EXPECT_THAT(recipe, LeavesOut(part));
  }
}

TEST(FromComfyUi, ReadsIpAdapters) {
  json nodes = graph();
  nodes["20"] = node("IPAdapterModelLoader", R"({"ipadapter_file": "sd15/ip-adapter_sd15.bin"})");
  nodes["21"] = node("CLIPVisionLoader", R"({"clip_name": "CLIP-ViT-H-14.safetensors"})");
  nodes["22"] = node("LoadImage", R"({"image": "cat.png"})");
  nodes["23"] = node("IPAdapterAdvanced",
                     R"({"model": ["4", 0], "ipadapter": ["20", 0], "image": ["22", 0],
                         "clip_vision": ["21", 0], "weight": 0.75, "weight_type": "linear",
                         "start_at": 0.0, "end_at": 0.5})");
  nodes["3"]["inputs"]["model"] = {"23", 0};
  const Recipe recipe = read(nodes);
  EXPECT_EQ(value(recipe, "ip-adapter"), "ip-adapter_sd15.bin");
  EXPECT_EQ(value(recipe, "ip-adapter-scale"), "0.75");
  EXPECT_EQ(value(recipe, "ip-adapter-start"), "0");
  EXPECT_EQ(value(recipe, "ip-adapter-end"), "0.5");
  EXPECT_EQ(value(recipe, "image-encoder"), "CLIP-ViT-H-14.safetensors");
  EXPECT_EQ(value(recipe, "model"), "v1-5-pruned-emaonly");
  ASSERT_EQ(recipe.missing.size(), 1u);
  EXPECT_EQ(recipe.missing[0].option, "ip-adapter-image");
  nodes["23"]["inputs"]["weight_type"] = "style transfer";
  nodes["23"]["inputs"]["ipadapter"] = {"99", 0};
  EXPECT_THAT(read(nodes).unmapped, ::testing::ElementsAre("an IP-Adapter without its file's name",
                                                           "weight_type: style transfer"));
}

TEST(FromComfyUi, ReadsValuesThroughLinks) {
  json nodes = graph();
  nodes["15"] = node("PrimitiveInt", R"({"value": 42})");
  nodes["16"] = node("String Literal", R"({"string": "from afar"})");
  nodes["3"] = node("KSamplerAdvanced",
                    R"({"noise_seed": ["15", 0], "steps": 25, "cfg": 5, "sampler_name": "euler",
                        "scheduler": "normal", "positive": ["6", 0], "negative": ["7", 0],
                        "latent_image": ["5", 0], "model": ["4", 0], "add_noise": "disable",
                        "start_at_step": 5, "end_at_step": 20})");
  nodes["6"]["inputs"]["text"] = {"16", 0};
  const Recipe recipe = read(nodes);
  EXPECT_EQ(value(recipe, "seed"), "42");
  EXPECT_EQ(value(recipe, "prompt"), "from afar");
  for (const char* part : {"start_at_step: 5", "end_at_step: 20", "add_noise: disable"}) {
    EXPECT_THAT(recipe, LeavesOut(part));
  }
}

// The options that have to be given.
std::vector<std::string> missing(const json& nodes) {
  std::vector<std::string> options;
  for (const MissingValue& value : read(nodes).missing) options.push_back(value.option);
  return options;
}

TEST(FromComfyUi, AsksForValuesOfNodesThatCannotBeRead) {
  EXPECT_THAT(missing(graph()), IsEmpty());
  struct Case {
    const char *node, *input, *option;
  };
  for (const Case& each : {Case{"3", "seed", "seed"},
                           {"3", "steps", "steps"},
                           {"3", "cfg", "guidance-scale"},
                           {"3", "sampler_name", "sampler"},
                           {"3", "scheduler", "schedule"},
                           {"5", "width", "width"},
                           {"5", "height", "height"},
                           {"6", "text", "prompt"},
                           {"7", "text", "negative-prompt"},
                           {"10", "stop_at_clip_layer", "clip-skip"}}) {
    json nodes = graph();
    nodes["20"] = node("easy seed", R"({"seed_value": 4711, "preset": "x"})");
    nodes[each.node]["inputs"][each.input] = {"20", 0};
    EXPECT_THAT(missing(nodes), ElementsAre(each.option));
    EXPECT_EQ(value(read(nodes), each.option), "-");
    if (std::string(each.input) != "text") {
      EXPECT_THAT(read(nodes), LeavesOut(std::string(each.input) + ": from node 20 easy seed"));
    }
    nodes[each.node]["inputs"][each.input] = {"99", 0};
    EXPECT_THAT(missing(nodes), ElementsAre(each.option)) << "a link to nowhere";
  }
}

TEST(FromComfyUi, AsksForTheStrengthOfAPictureAndForASizeThatIsNowhere) {
  json nodes = graph();
  nodes["20"] = node("Settings", "{}");
  nodes["3"]["inputs"]["denoise"] = {"20", 0};
  EXPECT_THAT(missing(nodes), IsEmpty()) << "txt2img has no strength";
  EXPECT_THAT(read(nodes), LeavesOut("denoise: from node 20 Settings"));
  nodes["5"] = node("VAEEncode", R"({"pixels": ["11", 0], "vae": ["4", 2]})");
  nodes["11"] = node("LoadImage", R"({"image": "example.png"})");
  EXPECT_THAT(missing(nodes), ElementsAre("strength"));
  nodes["3"]["inputs"]["latent_image"] = {"20", 0};
  EXPECT_THAT(missing(nodes), ElementsAre("width", "height"));
}

TEST(FromComfyUi, AValueIsNotTakenForAnother) {
  json nodes = graph();
  nodes["20"] = node("Seed", R"({"seed": 7})");
  nodes["3"]["inputs"]["seed"] = {"20", 0};
  EXPECT_EQ(value(read(nodes), "seed"), "7");
  nodes["3"]["inputs"]["steps"] = {"20", 1};
  EXPECT_THAT(missing(nodes), ElementsAre("steps"));
  nodes["20"]["inputs"]["seed"] = -1;
  nodes["3"]["inputs"]["steps"] = 20;
  EXPECT_THAT(missing(nodes), ElementsAre("seed")) << "drawn by the node";
  nodes["3"]["inputs"].erase("seed");
  EXPECT_THAT(missing(nodes), ElementsAre("seed"));
  EXPECT_THAT(read(nodes), LeavesOut("seed: not in node 3 KSampler"));
}

TEST(FromComfyUi, NamesWhatHasNoOptionAndCannotBeRead) {
  json nodes = graph();
  nodes["20"] = node("Settings", "{}");
  nodes["5"]["inputs"]["batch_size"] = {"20", 0};
  EXPECT_THAT(read(nodes), LeavesOut("batch_size: from node 20 Settings"));
  nodes["3"]["class_type"] = "KSamplerAdvanced";
  nodes["3"]["inputs"]["end_at_step"] = {"20", 0};
  EXPECT_THAT(read(nodes), LeavesOut("end_at_step: from node 20 Settings"));
}

TEST(FromComfyUi, MakesItsPromptsWebUis) {
  json nodes = graph();
  nodes["6"]["inputs"]["text"] = R"(a [b] (c:1.2) \(d\) \e <f> {g|h} embedding:bad)";
  const Recipe recipe = read(nodes);
  EXPECT_EQ(value(recipe, "prompt"), R"(a \[b\] (c:1.2) \(d\) \\e \<f\> \{g\|h\} embedding:bad)");
  EXPECT_THAT(recipe, LeavesOut("weights in prompts"));
  EXPECT_THAT(recipe, LeavesOut("embeddings in prompts"));
  nodes["7"] = node("ConditioningZeroOut", R"({"conditioning": ["6", 0]})");
  EXPECT_EQ(value(read(nodes), "negative-prompt"), "-");
  EXPECT_THAT(read(nodes), LeavesOut("node 7 ConditioningZeroOut"));
}

TEST(FromComfyUi, TakesASamplerThatSavesNothing) {
  json nodes = graph();
  nodes.erase("9");
  const Recipe recipe = read(nodes);
  EXPECT_EQ(value(recipe, "steps"), "20");
  EXPECT_EQ(value(recipe, "width"), "512");
  EXPECT_THAT(recipe, LeavesOut("node 3 KSampler is read"));
  nodes.erase("3");
  EXPECT_THAT(read(nodes), LeavesOut("no sampler among the nodes"));
}

TEST(FromComfyUi, SurvivesBrokenGraphs) {
  json circle = graph();
  circle["5"] = node("LatentUpscale", R"({"samples": ["5", 0]})");
  circle["6"] = node("ConditioningSetArea", R"({"conditioning": ["6", 0]})");
  circle["4"] = node("FreeU", R"({"model": ["4", 0]})");
  circle["3"]["inputs"]["seed"] = {"17", 0};
  circle["17"] = node("Any", R"({"seed": ["17", 0]})");
  const Recipe round = read(circle);
  for (const char* part : {"node 5 LatentUpscale leads back", "node 6 ConditioningSetArea leads",
                           "node 4 FreeU leads back", "no text leads to node 3 KSampler's positive",
                           "no checkpoint"}) {
    EXPECT_THAT(round, LeavesOut(part));
  }
  EXPECT_EQ(value(round, "seed"), "-");

  json torn = graph();
  torn["3"]["inputs"].update(json::parse(R"({"positive": ["99", 0], "model": ["4"], "steps": "x",
      "latent_image": {"a": 1}, "cfg": null, "sampler_name": 7, "scheduler": []})"));
  const Recipe recipe = read(torn);
  EXPECT_THAT(recipe, LeavesOut("no text leads to node 3 KSampler's positive"));
  EXPECT_THAT(recipe, LeavesOut("steps: x"));
  EXPECT_THAT(recipe, LeavesOut("where the latents come from: node 3 KSampler"));

  EXPECT_THROW(from_comfyui("a plain prompt"), InputError);
  EXPECT_THROW(from_comfyui("[]"), InputError);
  EXPECT_THROW(from_comfyui(R"({"1": {"class_type": 3}, "2": 4})"), InputError);
}

TEST(FromComfyUi, ReadsPythonsNotANumber) {
  std::string text = graph().dump();
  text.insert(1, R"("1": {"class_type": "A", "inputs": {}, "is_changed": [NaN, -Infinity]},)");
  EXPECT_EQ(value(from_comfyui(text), "steps"), "20");
}

TEST(FromComfyUi, IsNotSlowedByLongGraphs) {
  json nodes = graph();
  constexpr int kNodes = 20'000;
  for (int i = 100; i < 100 + kNodes; ++i) {
    nodes[std::to_string(i)] = {
        {"class_type", "X" + std::to_string(i)},
        {"inputs", {{"samples", {i + 1 < 100 + kNodes ? std::to_string(i + 1) : "3", 0}}}}};
  }
  nodes["8"]["inputs"]["samples"] = {"100", 0};
  const Recipe recipe = read(nodes);
  EXPECT_EQ(value(recipe, "steps"), "20");
  EXPECT_LT(recipe.unmapped.size(), 60u);
  EXPECT_EQ(recipe.unmapped.back(), "and more");
}

}  // namespace
}  // namespace velatura::recipe
