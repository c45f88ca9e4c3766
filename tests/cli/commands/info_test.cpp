#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/velatura.h"
#include "support/png_texts.h"
#include "support/sparse_safetensors.h"
#include "velatura/image.h"

namespace velatura::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Info, SaysWhatAModelIs) {
  const Outcome outcome = velatura({"info", kTinyModel});
  ASSERT_TRUE(succeeded(outcome));
  for (const char* word :
       {"StableDiffusionPipeline", "32 x 32", "epsilon", "pndm", "PNDMScheduler",
        "UNet2DConditionModel", "AutoencoderKL", "CLIPTextModel", "float16",
        "diffusion_pytorch_model.safetensors", "complete", "names StableDiffusionPipeline",
        "scheduler_config.json says epsilon", "peak memory"}) {
    EXPECT_THAT(outcome.out, HasSubstr(word));
  }
}

TEST(Info, SaysItInJson) {
  const Outcome outcome = velatura({"info", "--json", kTinyModel});
  ASSERT_TRUE(succeeded(outcome));
  const auto object = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(object.at("native_size"), 32);
  EXPECT_EQ(object.at("sampler"), "pndm");
  EXPECT_EQ(object.at("prediction"), "epsilon");
  const auto& unet = object.at("components").at("unet");
  EXPECT_EQ(unet.at("class"), "UNet2DConditionModel");
  EXPECT_GT(unet.at("parameters").get<int>(), 1000);
  EXPECT_EQ(unet.at("dtypes").at("float16"), unet.at("parameters"));
  EXPECT_EQ(object.at("files").size(), 3u);
  EXPECT_THAT(object.at("files").at(0).at("path"),
              EndsWith("unet/diffusion_pytorch_model.safetensors"));
  EXPECT_EQ(object.at("kind"), "model");
  EXPECT_THAT(object.at("evidence").at(0), HasSubstr("names StableDiffusionPipeline"));
  EXPECT_THAT(object.at("prediction_signals").at(0).at("reason"),
              HasSubstr("scheduler_config.json says epsilon"));
  for (const auto& [kind, names] : unet.at("keys").items()) EXPECT_TRUE(names.empty()) << kind;
  EXPECT_GT(object.at("peak_memory_bytes").at("float32"), 300 << 20);
}

TEST(Info, KnowsADepthModelsEstimator) {
  const std::string model = VELATURA_FIXTURES "/models/tiny-depth-estimator";
  const Outcome text = velatura({"info", model});
  ASSERT_TRUE(succeeded(text));
  EXPECT_THAT(text.out, ContainsRegex("depth_estimator +DPTForDepthEstimation +31.1 k parameters"));
  const Outcome json = velatura({"info", "--json", model});
  ASSERT_TRUE(succeeded(json));
  const auto object = nlohmann::json::parse(json.out);
  EXPECT_EQ(object.at("pipeline"), "StableDiffusionDepth2ImgPipeline");
  const auto& estimator = object.at("components").at("depth_estimator");
  EXPECT_EQ(estimator.at("class"), "DPTForDepthEstimation");
  EXPECT_EQ(estimator.at("parameters"), 31069);
  EXPECT_EQ(object.at("files").size(), 4u);
  EXPECT_EQ(object.at("max_noise_level"), nullptr);
}

TEST(Info, KnowsAnUpscalersNoiseLevels) {
  const std::string model = VELATURA_FIXTURES "/models/tiny-upscale";
  const Outcome text = velatura({"info", model});
  ASSERT_TRUE(succeeded(text));
  EXPECT_THAT(text.out, ContainsRegex("noise level +0 to 350\n"));
  const Outcome json = velatura({"info", "--json", model});
  ASSERT_TRUE(succeeded(json));
  EXPECT_EQ(nlohmann::json::parse(json.out).at("max_noise_level"), 350);
}

TEST(Info, SaysHowAPictureWasMade) {
  const TemporaryFolder folder;
  for (const char* name : {"a.png", "a.jpg", "a.webp"}) {
    ASSERT_TRUE(succeeded(tiny({"--negative-prompt", "dog", "-o", folder / name})));
    const Outcome text = velatura({"info", folder / name});
    ASSERT_TRUE(succeeded(text));
    EXPECT_THAT(text.out, HasSubstr("a red circle\nNegative prompt: dog\nSteps: 2, Sampler: PLMS"));
    for (const char* row : {"made by +velatura [0-9.]+\n", "command +txt2img\n",
                            "prompt +a red circle\n", "negative-prompt +dog\n", "seed +5\n",
                            "sampler +pndm\n", "device +cpu\n", "model hash +[0-9a-f]{64}\n"})
      EXPECT_THAT(text.out, ContainsRegex(row));
    EXPECT_THAT(text.out, Not(HasSubstr("{")));
    const Outcome json = velatura({"info", "--json", folder / name});
    ASSERT_TRUE(succeeded(json));
    const auto receipt = nlohmann::json::parse(json.out).at("receipt");
    EXPECT_EQ(receipt.at("prompt"), "a red circle");
    EXPECT_EQ(receipt.at("seed"), 5);
    EXPECT_EQ(receipt.at("steps"), 2);
    EXPECT_EQ(receipt.at("device"), "cpu");
    EXPECT_EQ(receipt.at("dtype"), "float32");
    const auto recipe = nlohmann::json::parse(json.out).at("recipe");
    EXPECT_EQ(recipe.at("settings").at("sampler"), "pndm");
    EXPECT_EQ(recipe.at("unmapped"), nlohmann::json::array());
    std::filesystem::rename(folder / name, folder / "download");
    EXPECT_EQ(velatura({"info", folder / "download"}).out, text.out) << "whatever it is called";
  }
}

TEST(Info, ShowsNoReceiptThatIsNotOne) {
  const TemporaryFolder folder;
  for (const std::string& receipt :
       {std::string("{"), std::string(200'000, '[') + std::string(200'000, ']')}) {
    write_image(folder / "a.png", {1, 1, {1, 2, 3}}, {.parameters = "a cat", .receipt = receipt});
    const Outcome outcome = velatura({"info", "--json", folder / "a.png"});
    ASSERT_TRUE(succeeded(outcome));
    EXPECT_TRUE(nlohmann::json::parse(outcome.out).at("receipt").is_null());
  }
}

TEST(Info, SaysHowOtherProgramsMadeAPicture) {
  const TemporaryFolder folder;
  write_text(folder.path() / "a.png", png_with(text_chunk("prompt", R"({
      "3": {"class_type": "KSampler", "inputs": {"seed": 7, "steps": 20, "cfg": 8,
            "sampler_name": "euler", "scheduler": "karras", "positive": ["6", 0],
            "latent_image": ["5", 0]}},
      "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 256}},
      "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "two\nlines"}}})")));
  const Outcome text = velatura({"info", folder / "a.png"});
  ASSERT_TRUE(succeeded(text));
  for (const char* part : {"made by +ComfyUI\n", "command +txt2img\n", "prompt +two\n +lines\n",
                           "sampler +euler\n", "not mapped +no sampler leads to a picture"}) {
    EXPECT_THAT(text.out, ContainsRegex(part));
  }
  const auto recipe =
      nlohmann::json::parse(velatura({"info", "--json", folder / "a.png"}).out).at("recipe");
  EXPECT_EQ(recipe.at("made_by"), "ComfyUI");
  EXPECT_EQ(recipe.at("task"), "txt2img");
  EXPECT_EQ(recipe.at("settings").at("prompt"), "two\nlines");
  EXPECT_EQ(recipe.at("settings").at("width"), "512");
  EXPECT_EQ(recipe.at("model_hash"), nullptr);
  EXPECT_THAT(recipe.at("unmapped").dump(), HasSubstr("no checkpoint leads to node 3"));

  write_text(folder.path() / "b.png", png_with(text_chunk("Software", "a camera")));
  EXPECT_EQ(velatura({"info", folder / "b.png"}).out,
            folder / "b.png" + ": it does not say how it was made\n");
}

TEST(Info, SaysThatALoraIsOne) {
  const TemporaryFolder folder;
  write_sparse_safetensors(folder / "style.safetensors",
                           {{"lora_unet_mid_block_proj.lora_down.weight", {16, 320}},
                            {"lora_unet_mid_block_proj.lora_up.weight", {640, 16}},
                            {"lora_unet_mid_block_proj.alpha", {}},
                            {"lora_te_x.lora_down.weight", {16, 768}}},
                           {{"ss_sd_model_name", "v1-5.safetensors"},
                            {"modelspec.license", "CreativeML\nOpen RAIL-M"},
                            {"ss_network_dim", "16"},
                            {"ss_tag_frequency", "{}"}});
  const Outcome text = velatura({"info", folder / "style.safetensors"});
  ASSERT_TRUE(succeeded(text));
  EXPECT_EQ(text.err, "");
  EXPECT_THAT(text.out, HasSubstr("\na LoRA, not a model of its own\n"));
  EXPECT_THAT(text.out, ContainsRegex("why +factors for the UNet: lora_unet_mid_block_proj"));
  EXPECT_THAT(text.out, ContainsRegex("rank +16\n"));
  EXPECT_THAT(text.out, ContainsRegex("changes +1 in text encoder, 1 in unet\n"));
  EXPECT_THAT(text.out, ContainsRegex("scale +alpha / rank\n"));
  EXPECT_THAT(text.out, ContainsRegex("trained on +v1-5.safetensors\n"));
  EXPECT_THAT(text.out, HasSubstr("CreativeML\\x0aOpen RAIL-M"));
  EXPECT_THAT(text.out, HasSubstr("1 entry more"));
  const Outcome json = velatura({"info", "--json", folder / "style.safetensors"});
  ASSERT_TRUE(succeeded(json));
  const auto object = nlohmann::json::parse(json.out);
  EXPECT_EQ(object.at("kind"), "file");
  EXPECT_EQ(object.at("description"), "a LoRA, not a model of its own");
  EXPECT_EQ(object.at("low_rank").at("ranks").at("16"), 2);
  EXPECT_EQ(object.at("metadata").at("ss_tag_frequency"), "{}");
  EXPECT_TRUE(failed_with(velatura({"txt2img", "x", "-m", folder / "style.safetensors"}), 3,
                          {"style.safetensors", "is a LoRA"}));
}

TEST(Info, CountsWhatItDoesNotKnow) {
  const TemporaryFolder folder;
  write_sparse_safetensors(folder / "x.safetensors", {{"big", {30, 100}}, {"small", {7}}});
  const Outcome text = velatura({"info", folder / "x.safetensors"});
  ASSERT_TRUE(succeeded(text));
  for (const char* part : {"weights of an unknown kind", "2, 3.0 k numbers, float16",
                           "big [30, 100] float16", "as a model", "there is no tensor"}) {
    EXPECT_THAT(text.out, HasSubstr(part));
  }
  const auto object =
      nlohmann::json::parse(velatura({"info", "--json", folder / "x.safetensors"}).out);
  EXPECT_EQ(object.at("description"), nullptr);
  EXPECT_EQ(object.at("tensors"), 2);
  EXPECT_EQ(object.at("elements"), 3007);
  EXPECT_EQ(object.at("largest").at(0).at("shape"), nlohmann::json({30, 100}));
  EXPECT_EQ(object.at("low_rank"), nullptr);
}

TEST(Info, ShowsHashesThatAreKnownOrAskedFor) {
  const TemporaryFolder folder;
  write_text(folder / "empty", "");
  write_sparse_safetensors(folder / "x.safetensors", {{"a", {1}}});
  const auto hash = [&](const std::vector<std::string>& more) {
    Child child{.arguments = {"info", "--json", folder / "x.safetensors"},
                .environment = {{"XDG_CACHE_HOME", folder / "cache"}}};
    child.arguments.insert(child.arguments.end(), more.begin(), more.end());
    const Outcome outcome = run_velatura(child);
    EXPECT_TRUE(succeeded(outcome));
    return nlohmann::json::parse(outcome.out).at("files").at(0).at("sha256");
  };
  EXPECT_EQ(hash({}), nullptr);
  const auto known = hash({"--hash"});
  EXPECT_EQ(known.get<std::string>().size(), 64u);
  EXPECT_EQ(hash({}), known);
}

TEST(Info, FindsModelsByNameAndHubId) {
  const TemporaryFolder folder;
  const auto repository = folder.path() / "hub/models--org--tiny";
  std::filesystem::create_directories(repository / "snapshots");
  std::filesystem::create_directories(repository / "refs");
  write_text(repository / "refs/v1", "abc");
  std::filesystem::create_directory_symlink(kTinyModel, repository / "snapshots/abc");
  std::filesystem::create_directories(folder.path() / "Stable-diffusion");
  std::filesystem::create_directory_symlink(kTinyModel, folder / "Stable-diffusion/mine");
  const auto info = [&](const std::vector<std::string>& arguments) {
    return run_velatura(
        {.arguments = arguments, .environment = {{"HF_HUB_CACHE", folder / "hub"}}});
  };
  EXPECT_TRUE(succeeded(info({"info", "org/tiny@v1"})));
  EXPECT_TRUE(failed_with(info({"info", "org/tiny"}), 3,
                          {"no revision main", "refs/main", "`hf download org/tiny`"}));
  EXPECT_TRUE(succeeded(info({"info", "mine", "--models-dir", folder.path()})));
  EXPECT_TRUE(failed_with(info({"info", "mien", "--models-dir", folder.path()}), 3,
                          {"mien", "did you mean 'mine'?"}));
}

TEST(Info, RefusesWhatIsNeither) {
  const TemporaryFolder folder;
  write_text(folder / "text.png", "not a picture");
  EXPECT_TRUE(failed_with(velatura({"info", folder / "text.png"}), 3, {"text.png"}));
  EXPECT_TRUE(failed_with(velatura({"info", folder / "nothing.png"}), 3, {"nothing.png"}));
  write_text(folder / "text.safetensors", "not a model");
  EXPECT_TRUE(
      failed_with(velatura({"info", folder / "text.safetensors"}), 3, {"text.safetensors"}));
  EXPECT_TRUE(failed_with(velatura({"info", folder / "nowhere"}), 3, {"nowhere"}));
}

}  // namespace
}  // namespace velatura::testing
