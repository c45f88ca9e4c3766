#include "weights/layouts/model_files.h"

#include <gmock/gmock.h>

#include "weights/family_checkpoint.h"
#include "weights/files.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using testing::counting;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(ModelFiles, OthersDtypeIsThatOfFloatingPointTensorsAndConfigs) {
  const Folder folder;
  testing::Tensors tensors = testing::family_checkpoint("stable-diffusion-1", 4);
  const std::string bias = "first_stage_model.quant_conv.bias",
                    norm = "model.diffusion_model.out.0.bias";
  tensors[bias] = counting({3}, at::kLong);
  tensors[norm] = at::full({3}, 1.0 / 3, at::kDouble);
  ModelFiles files = open_model(folder.write("m.safetensors", testing::encoded(tensors)));
  ConfigObject& text = files.part("text_encoder").config;
  text = text.with("torch_dtype", "float32");
  files = in_dtype(files, at::kHalf);
  EXPECT_EQ(files.part("unet").weights->find("conv_norm_out.bias")->dtype, at::kHalf);
  EXPECT_TRUE(at::equal(files.part("unet").weights->load("conv_norm_out.bias"),
                        tensors[norm].to(at::kHalf)));
  EXPECT_EQ(files.part("vae").weights->load("quant_conv.bias").scalar_type(), at::kLong);
  EXPECT_EQ(files.part("vae").weights->find("quant_conv.bias")->dtype, at::kLong);
  EXPECT_EQ(files.part("text_encoder").config.json().at("torch_dtype"), "float16");
  EXPECT_FALSE(files.part("unet").config.has("torch_dtype"));
}

TEST(ModelFiles, WhatIsLeftOutOfAFileIsNamed) {
  const Folder folder;
  testing::Tensors tensors = testing::family_checkpoint("stable-diffusion-2", 4);
  const auto open = [&] {
    return open_model(folder.write("m.safetensors", testing::encoded(tensors)));
  };
  EXPECT_THAT(open().left_out, IsEmpty());
  for (const char* name : {"model_ema.decay", "cond_stage_model.model.text_projection",
                           "cond_stage_model.model.transformer.resblocks.23.ln_1.bias", "betas"}) {
    tensors[name] = counting({1});
  }
  EXPECT_THAT(
      open().left_out,
      UnorderedElementsAre("model_ema.decay", "cond_stage_model.model.text_projection", "betas",
                           "cond_stage_model.model.transformer.resblocks.23.ln_1.bias"));
}

TEST(ModelFiles, WithTheAverageTheUNetItselfIsLeftOut) {
  const Folder folder;
  testing::Tensors tensors = testing::family_checkpoint("stable-diffusion-1", 4);
  for (const auto& [name, tensor] : testing::Tensors(tensors)) {
    if (!name.starts_with("model.diffusion_model.")) continue;
    std::string leaf = name.substr(6);
    std::erase(leaf, '.');
    tensors["model_ema." + leaf] = tensor;
  }
  const auto path = folder.write("m.safetensors", testing::encoded(tensors));
  const auto left = open_model(path, {.ema = true}).left_out;
  EXPECT_EQ(left.size(), 686u);
  EXPECT_THAT(left, ::testing::Each(::testing::StartsWith("model.diffusion_model.")));
}

TEST(ModelFiles, WhatIsLeftOutOfAFolderIsNamed) {
  const Folder folder;
  const std::string tiny = VELATURA_FIXTURES "/models/tiny";
  std::filesystem::copy(tiny, folder / "m", std::filesystem::copy_options::recursive);
  EXPECT_THAT(open_model(folder / "m").left_out, IsEmpty());
  folder.write("m/model_index.json", R"({"_class_name": "StableDiffusionPipeline",
    "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
    "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
    "scheduler": ["diffusers", "PNDMScheduler"], "image_encoder": [null, null],
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"]})");
  EXPECT_THAT(open_model(folder / "m").left_out, ElementsAre("safety_checker"));
}

TEST(ModelFiles, PartsGoByTheirRoles) {
  ModelFiles files = open_model(VELATURA_FIXTURES "/models/tiny");
  EXPECT_EQ(files.part("unet").class_name, "UNet2DConditionModel");
  EXPECT_EQ(files.part("text_encoder").stem(), "model");
  EXPECT_EQ(files.find("depth_estimator"), nullptr);
  EXPECT_EQ(files.find_config("low_res_scheduler"), nullptr);
  for (const char* role : {"vae", "scheduler", "tokenizer"}) EXPECT_TRUE(files.has(role)) << role;
  EXPECT_FALSE(files.has("safety_checker"));

  Part other = files.part("vae");
  other.weights = files.part("unet").weights;
  files.put(other);
  EXPECT_EQ(files.part("vae").weights, files.part("unet").weights);
  EXPECT_EQ(files.parts.size(), 3u);
}

TEST(ModelFiles, NameWhatTheyLack) {
  const ModelFiles files = open_model(VELATURA_FIXTURES "/models/tiny");
  EXPECT_THAT(testing::refusal([&] { files.part("movq"); }),
              AllOf(HasSubstr("models/tiny: the model has no movq"),
                    HasSubstr("only unet, vae, text_encoder")));
  EXPECT_THAT(testing::refusal([&] { files.config("low_res_scheduler"); }),
              HasSubstr("no low_res_scheduler, only scheduler"));
  EXPECT_THAT(testing::refusal([&] { files.tokenizer("tokenizer_2"); }),
              HasSubstr("no tokenizer_2, only tokenizer"));
  ModelFiles less = files;
  less.parts.erase(less.parts.begin() + 1);
  EXPECT_THAT(testing::refusal([&] { less.part("vae"); }),
              ::testing::EndsWith("models/tiny: the model has no VAE: give one with --vae FILE"));
  less.put(files.part("vae"));
  EXPECT_EQ(less.parts[1].weights, files.part("vae").weights);
  EXPECT_EQ(less.parts.size(), 3u);
}

TEST(ModelFiles, RolesAreSaidInWords) {
  EXPECT_EQ(in_words("unet"), "UNet");
  EXPECT_EQ(in_words("vae"), "VAE");
  EXPECT_EQ(in_words("depth_estimator"), "depth estimator");
}

}  // namespace
}  // namespace velatura::weights
