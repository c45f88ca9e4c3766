#include "weights/layouts/model_parts.h"

#include <gmock/gmock.h>

#include "weights/family_checkpoint.h"
#include "weights/files.h"

namespace velatura::weights {
namespace {

using testing::counting;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(ModelParts, OthersDtypeIsThatOfFloatingPointTensorsAndConfigs) {
  const Folder folder;
  testing::Tensors tensors = testing::family_checkpoint("stable-diffusion-1", 4);
  const std::string bias = "first_stage_model.quant_conv.bias",
                    norm = "model.diffusion_model.out.0.bias";
  tensors[bias] = counting({3}, at::kLong);
  tensors[norm] = at::full({3}, 1.0 / 3, at::kDouble);
  ModelFiles files = open_model(folder.write("m.safetensors", testing::encoded(tensors)));
  files.text_encoder.config = files.text_encoder.config.with("torch_dtype", "float32");
  files = in_dtype(files, at::kHalf);
  EXPECT_EQ(files.unet.weights->find("conv_norm_out.bias")->dtype, at::kHalf);
  EXPECT_TRUE(
      at::equal(files.unet.weights->load("conv_norm_out.bias"), tensors[norm].to(at::kHalf)));
  EXPECT_EQ(files.vae.weights->load("quant_conv.bias").scalar_type(), at::kLong);
  EXPECT_EQ(files.vae.weights->find("quant_conv.bias")->dtype, at::kLong);
  EXPECT_EQ(files.text_encoder.config.json().at("torch_dtype"), "float16");
  EXPECT_FALSE(files.unet.config.has("torch_dtype"));
}

TEST(ModelParts, WhatIsLeftOutOfAFileIsNamed) {
  const Folder folder;
  testing::Tensors tensors = testing::family_checkpoint("stable-diffusion-2", 4);
  const auto open = [&] {
    return open_model(folder.write("m.safetensors", testing::encoded(tensors)));
  };
  EXPECT_THAT(left_out(open()), IsEmpty());
  for (const char* name : {"model_ema.decay", "cond_stage_model.model.text_projection",
                           "cond_stage_model.model.transformer.resblocks.23.ln_1.bias", "betas"}) {
    tensors[name] = counting({1});
  }
  EXPECT_THAT(
      left_out(open()),
      UnorderedElementsAre("model_ema.decay", "cond_stage_model.model.text_projection", "betas",
                           "cond_stage_model.model.transformer.resblocks.23.ln_1.bias"));
}

TEST(ModelParts, WithTheAverageTheUNetItselfIsLeftOut) {
  const Folder folder;
  testing::Tensors tensors = testing::family_checkpoint("stable-diffusion-1", 4);
  for (const auto& [name, tensor] : testing::Tensors(tensors)) {
    if (!name.starts_with("model.diffusion_model.")) continue;
    std::string leaf = name.substr(6);
    std::erase(leaf, '.');
    tensors["model_ema." + leaf] = tensor;
  }
  const auto path = folder.write("m.safetensors", testing::encoded(tensors));
  const auto left = left_out(open_model(path, {.ema = true}), true);
  EXPECT_EQ(left.size(), 686u);
  EXPECT_THAT(left, ::testing::Each(::testing::StartsWith("model.diffusion_model.")));
}

TEST(ModelParts, WhatIsLeftOutOfAFolderIsNamed) {
  const Folder folder;
  const std::string tiny = VELATURA_FIXTURES "/models/tiny";
  std::filesystem::copy(tiny, folder / "m", std::filesystem::copy_options::recursive);
  EXPECT_THAT(left_out(open_model(folder / "m")), IsEmpty());
  folder.write("m/model_index.json", R"({"_class_name": "StableDiffusionPipeline",
    "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
    "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
    "scheduler": ["diffusers", "PNDMScheduler"], "image_encoder": [null, null],
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"]})");
  EXPECT_THAT(left_out(open_model(folder / "m")), ElementsAre("safety_checker"));
}

}  // namespace
}  // namespace velatura::weights
