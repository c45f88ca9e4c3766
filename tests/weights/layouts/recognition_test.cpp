#include "weights/layouts/recognition.h"

#include <gmock/gmock.h>

#include "weights/family_checkpoint.h"
#include "weights/files.h"
#include "weights/formats/checkpoint.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using testing::counting;
using ::testing::ElementsAre;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kConvIn;
using testing::kUNet;
using testing::refusal;

// The tensors by which a checkpoint is told.
testing::Tensors telling(std::int64_t width, std::int64_t channels, std::int64_t text,
                         std::size_t proj_rank, const std::string& block = "1.1") {
  const std::string place = kUNet + "input_blocks." + block;
  return {{kConvIn, at::zeros({width, channels, 1, 1})},
          {place + ".transformer_blocks.0.attn2.to_k.weight", at::zeros({1, text})},
          {place + ".proj_in.weight", at::zeros(std::vector<std::int64_t>(proj_rank, 1))}};
}

class ModelFamilies : public ::testing::Test {
 protected:
  Recognition recognised(const testing::Tensors& tensors) {
    return recognise(*open_checkpoint(folder.write("m.safetensors", encoded(tensors))).source);
  }
  std::string refused(const testing::Tensors& tensors) {
    const auto file = open_checkpoint(folder.write("m.safetensors", encoded(tensors))).source;
    return refusal([&] { require_model(*file); });
  }
  Folder folder;
};

TEST_F(ModelFamilies, ModelsAreToldByThreeTensors) {
  const Recognition sd1 = recognised(telling(320, 9, 768, 4));
  EXPECT_EQ(sd1.what, "Stable Diffusion 1.x inpainting");
  EXPECT_THAT(
      sd1.evidence,
      ElementsAre(
          "latents, a mask and a masked picture's latents go in: " + kConvIn + " is [320, 9, 1, 1]",
          AllOf(HasSubstr("768 wide"), HasSubstr("attn2.to_k.weight is [1, 768]")),
          AllOf(HasSubstr("convolutions"), HasSubstr("proj_in.weight is [1, 1, 1, 1]"))));
  ASSERT_NE(sd1.family, nullptr);
  EXPECT_EQ(sd1.family->configs, "stable-diffusion-1");
  EXPECT_EQ(sd1.family->pipeline_class, "StableDiffusionInpaintPipeline");
  EXPECT_EQ(sd1.family->in_channels, 9);
  EXPECT_FALSE(sd1.family->open_clip);

  const Recognition depth = recognised(telling(320, 5, 1024, 2));
  EXPECT_EQ(depth.what, "Stable Diffusion 2.x depth");
  EXPECT_TRUE(depth.family->open_clip);
  EXPECT_EQ(recognised(telling(256, 7, 1024, 2, "4.1")).family->configs,
            "stable-diffusion-x4-upscaler");
  for (const auto& [text, rank, what] : {std::tuple{768, 4u, "1.x"}, {1024, 2u, "2.x"}}) {
    const testing::Tensors tensors = telling(320, 8, text, rank);
    EXPECT_EQ(recognised(tensors).family, nullptr);
    EXPECT_THAT(refused(tensors),
                HasSubstr(std::string("is a Stable Diffusion ") + what + " instruct-pix2pix"));
  }
}

TEST_F(ModelFamilies, WhatMixesThemIsNeither) {
  for (const auto& tensors :
       {telling(320, 4, 768, 2), telling(320, 4, 1024, 4), telling(320, 4, 512, 4),
        telling(320, 12, 768, 4), telling(256, 4, 768, 4), telling(256, 7, 768, 2, "4.1")}) {
    const Recognition found = recognised(tensors);
    EXPECT_EQ(found.what, "");
    EXPECT_EQ(found.family, nullptr);
    EXPECT_THAT(found.evidence, ElementsAre(HasSubstr(kConvIn + " is [")));
    EXPECT_THAT(refused(tensors),
                AllOf(HasSubstr(kConvIn + " is ["), HasSubstr("to_k.weight is [1, "),
                      HasSubstr("which is neither Stable Diffusion 1.x nor 2.x")));
  }
  // A VAE within does not make it a VAE.
  testing::Tensors odd = telling(320, 12, 768, 4);
  odd["first_stage_model.encoder.down.0.block.0.norm1.weight"] = counting({1});
  EXPECT_EQ(recognised(odd).what, "");
}

TEST_F(ModelFamilies, AUNetUnderDiffusersNamesIsToldInTheSameWay) {
  const auto unet = [&](const std::string& level, std::int64_t width, std::int64_t channels) {
    const std::string place = "down_blocks." + level + ".attentions.0.";
    return open_checkpoint(
               folder.write("unet.safetensors",
                            encoded({{"conv_in.weight", at::zeros({width, channels, 1, 1})},
                                     {place + "transformer_blocks.0.attn2.to_k.weight",
                                      at::zeros({1, 1024})},
                                     {place + "proj_in.weight", at::zeros({1, 1})}})))
        .source;
  };
  EXPECT_EQ(require_unet(unet("0", 320, 5)).name, "Stable Diffusion 2.x depth");
  EXPECT_EQ(require_unet(unet("1", 256, 7)).name, "Stable Diffusion x4 upscaler");
  EXPECT_THAT(refusal([&] { require_unet(unet("0", 256, 4)); }), HasSubstr("neither"));
}

TEST_F(ModelFamilies, OthersAreKnownByName) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> strangers{
      {{"conditioner.embedders.1.model.ln_final.weight"}, "a Stable Diffusion XL base"},
      {{"conditioner.embedders.0.model.ln_final.weight"}, "a Stable Diffusion XL refiner"},
      {{"model.diffusion_model.joint_blocks.0.x.weight"}, "a Stable Diffusion 3"},
      {{"double_blocks.0.img_attn.qkv.weight"}, "a Flux"},
      {{"lora_unet_a.lora_down.weight", "lora_unet_a.dora_scale"}, "a DoRA"},
      {{"lora_unet_down_blocks_0.hada_w1_a"}, "a LoHa"},
      {{"lora_unet_down_blocks_0.lokr_w1"}, "a LoKr"},
      {{"lora_controlnet", "lora_unet_x"}, "a Control-LoRA"},
      {{"lora_unet_down_blocks_0.lora_up.weight"}, "a LoRA"},
      {{"unet.down_blocks.0.attn.to_q.lora.down.weight"}, "a LoRA"},
      {{"unet.down_blocks.0.attn.processor.to_q_lora.down.weight"}, "a LoRA"},
      {{"unet.down_blocks.0.attn.to_q.lora_A.weight"}, "a LoRA"},
      {{"control_model.zero_convs.0.0.weight"}, "a ControlNet"},
      {{"controlnet_cond_embedding.conv_in.weight", "down_blocks.0.x"}, "a ControlNet"},
      {{"body.0.in_conv.weight"}, "a T2I-Adapter"},
      {{"emb_params"}, "a textual inversion embedding"},
      {{"<cat>"}, "a textual inversion embedding"},
      {{"clip_g", "clip_l"}, "a textual inversion embedding for Stable Diffusion XL"},
      {{"down_blocks.0.x", "add_embedding.linear_1.weight"}, "the Stable Diffusion XL UNet"},
      {{"down_blocks.0.resnets.0.conv1.weight"}, "the UNet of a diffusers folder"},
      {{"encoder.down_blocks.0.resnets.0.conv1.weight"}, "the VAE of a diffusers folder"},
      {{"encoder.down.0.block.0.conv1.weight"}, "a VAE alone"},
      {{"first_stage_model.encoder.down.0.block.0.conv1.weight"}, "a VAE alone"},
      {{"text_model.encoder.layers.0.layer_norm1.weight"}, "a text encoder alone"}};
  for (const auto& [names, what] : strangers) {
    testing::Tensors tensors;
    for (const std::string& name : names) tensors[name] = counting({1});
    const Recognition found = recognised(tensors);
    EXPECT_THAT(found.what, ::testing::StartsWith(what));
    EXPECT_THAT(found.evidence.at(0), HasSubstr(" is [1]"));
    EXPECT_EQ(found.family, nullptr);
    EXPECT_THAT(refused(tensors), AllOf(HasSubstr("m.safetensors: is " + what),
                                        HasSubstr("expected a Stable Diffusion 1.x, 2.x or XL")));
  }
  testing::Tensors xl = telling(320, 9, 2048, 2, "4.1");
  xl["conditioner.embedders.1.model.ln_final.weight"] = counting({1});
  EXPECT_THAT(recognised(xl).what, HasSubstr("XL base checkpoint of another shape"));
}

TEST_F(ModelFamilies, StableDiffusionXlIsToldByWhatGoesIn) {
  const auto xl = [&](std::int64_t width, std::int64_t channels, std::int64_t added,
                      const std::string& encoder) {
    testing::Tensors tensors = telling(width, channels, width == 320 ? 2048 : 1280, 2, "4.1");
    tensors["model.diffusion_model.label_emb.0.0.weight"] = counting({1, added});
    if (!encoder.empty()) tensors["conditioner.embedders." + encoder] = counting({1});
    return tensors;
  };
  const std::string first = "0.transformer.text_model.final_layer_norm.weight";
  const std::string second = "1.model.ln_final.weight", only = "0.model.ln_final.weight";
  EXPECT_EQ(recognised(xl(320, 4, 2816, second)).family->name, "Stable Diffusion XL base");
  EXPECT_EQ(recognised(xl(320, 9, 2816, second)).family->name, "Stable Diffusion XL inpainting");
  EXPECT_EQ(recognised(xl(384, 4, 2560, only)).family->name, "Stable Diffusion XL refiner");
  EXPECT_THAT(refused(xl(320, 8, 2816, second)), HasSubstr("XL instruct-pix2pix"));
  EXPECT_THAT(refused(xl(320, 4, 2816, first)), HasSubstr("without its second text encoder"));
  EXPECT_THAT(refused(xl(320, 4, 2816, "")), HasSubstr("XL UNet alone"));
}

TEST_F(ModelFamilies, WhatIsNothingHasNoName) {
  const Recognition unknown = recognised({{"something.else", counting({1})}});
  EXPECT_EQ(unknown.what, "");
  EXPECT_THAT(unknown.evidence, IsEmpty());
  EXPECT_THAT(refused({{"something.else", counting({1})}}),
              HasSubstr("there is no tensor " + kConvIn));
}

}  // namespace
}  // namespace velatura::weights
