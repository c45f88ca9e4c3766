#include "weights/layouts/model_family.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "velatura/error.h"
#include "weights/sources/names.h"
#include "weights/sources/renamed_source.h"

namespace velatura::weights {
namespace {

using Shape = std::vector<std::int64_t>;

/// A tensor that must be there, and what its being there says.
struct Test {
  std::string_view pattern;  // of its name; empty: no test
  std::string_view says;
  std::array<std::int64_t, 2> begins{0, 0};  // of its shape; 0: anything
  std::size_t rank = 0;                      // of its shape; 0: any
};

/// A kind of file: all tests must hold.
struct Kind {
  std::string_view what;
  std::array<Test, 3> tests;
  // Of kinds that can be used as models: see ModelFamily.
  std::string_view configs = "", pipeline_class = "";
};

constexpr std::string_view kConvIn = "model.diffusion_model.input_blocks.0.0.weight";
constexpr std::string_view kToK =
    "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight";
constexpr std::string_view kDeeperToK =
    "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight";
constexpr std::string_view kProjIn = "model.diffusion_model.input_blocks.1.1.proj_in.weight";
constexpr std::string_view kDeeperProjIn = "model.diffusion_model.input_blocks.4.1.proj_in.weight";

constexpr Test channels(std::int64_t count, std::int64_t width = 320) {
  return {kConvIn,
          count == 4   ? "only latents go in"
          : count == 5 ? "latents and a depth map go in"
          : count == 7 ? "latents and a small picture go in"
          : count == 8 ? "latents and a picture's latents go in"
                       : "latents, a mask and a masked picture's latents go in",
          {width, count},
          4};
}
constexpr Test kWide768{kToK, "the text is 768 wide", {0, 768}, 2};
constexpr Test kWide1024{kToK, "the text is 1024 wide", {0, 1024}, 2};
constexpr Test kConvProjIn{kProjIn, "projections are convolutions", {0, 0}, 4};
constexpr Test kLinearProjIn{kProjIn, "projections are linear", {0, 0}, 2};
constexpr Test kXl{"conditioner.embedders.1.model.ln_final.weight", "a second text encoder"};
constexpr std::string_view kSd1 = "stable-diffusion-1", kSd2 = "stable-diffusion-2",
                           kX4 = "stable-diffusion-x4-upscaler";

// The first that holds tells.
constexpr std::array<Kind, 47> kKinds{{
    {"Stable Diffusion 1.x", {channels(4), kWide768, kConvProjIn}, kSd1, "StableDiffusionPipeline"},
    {"Stable Diffusion 1.x inpainting",
     {channels(9), kWide768, kConvProjIn},
     kSd1,
     "StableDiffusionInpaintPipeline"},
    {"a Stable Diffusion 1.x instruct-pix2pix checkpoint", {channels(8), kWide768, kConvProjIn}},
    {"Stable Diffusion 2.x",
     {channels(4), kWide1024, kLinearProjIn},
     kSd2,
     "StableDiffusionPipeline"},
    {"Stable Diffusion 2.x inpainting",
     {channels(9), kWide1024, kLinearProjIn},
     kSd2,
     "StableDiffusionInpaintPipeline"},
    {"Stable Diffusion 2.x depth",
     {channels(5), kWide1024, kLinearProjIn},
     kSd2,
     "StableDiffusionDepth2ImgPipeline"},
    {"a Stable Diffusion 2.x instruct-pix2pix checkpoint", {channels(8), kWide1024, kLinearProjIn}},
    {"Stable Diffusion x4 upscaler",
     {channels(7, 256),
      {kDeeperToK, "the text is 1024 wide", {0, 1024}, 2},
      {kDeeperProjIn, "projections are linear", {0, 0}, 2}},
     kX4,
     "StableDiffusionUpscalePipeline"},

    {"a Stable Diffusion XL inpainting checkpoint", {kXl, channels(9)}},
    {"a Stable Diffusion XL instruct-pix2pix checkpoint", {kXl, channels(8)}},
    {"a Stable Diffusion XL base checkpoint", {kXl}},
    {"a Stable Diffusion XL refiner checkpoint",
     {Test{"conditioner.embedders.0.model.ln_final.weight",
           "OpenCLIP-G is the only text encoder"}}},
    {"a Stable Diffusion XL UNet alone",
     {Test{"model.diffusion_model.label_emb.0.0.weight", "the size goes in", {0, 2816}, 2}}},
    {"a Stable Diffusion 3 checkpoint", {Test{"*joint_blocks.0.*", "blocks of an MMDiT"}}},
    {"a Flux checkpoint", {Test{"*double_blocks.0.*", "blocks of Flux"}}},

    // Another checkpoint; its VAE must not be taken for a VAE alone.
    {"", {Test{kConvIn, "a UNet in the original layout"}}},

    {"a LoHa, not a model of its own", {Test{"*.hada_w1_a", "a Hadamard product of factors"}}},
    {"a LoKr, not a model of its own", {Test{"*.lokr_w1*", "a Kronecker product of factors"}}},
    {"a Control-LoRA, not a model of its own", {Test{"lora_controlnet", "its mark"}}},
    {"a DoRA, not a model of its own", {Test{"*.dora_scale", "a magnitude beside the factors"}}},
    {"a LoRA, not a model of its own", {Test{"lora_unet_*", "factors for the UNet"}}},
    {"a LoRA, not a model of its own", {Test{"lora_te*", "factors for the text encoder"}}},
    {"a LoRA, not a model of its own", {Test{"*.lora_A.weight", "a low-rank factor"}}},
    {"a LoRA, not a model of its own", {Test{"*.lora_down.weight", "a low-rank factor"}}},
    {"a LoRA, not a model of its own", {Test{"*.lora.down.weight", "a low-rank factor"}}},
    {"a LoRA, not a model of its own", {Test{"*_lora.down.weight", "a low-rank factor"}}},
    {"a LoRA, not a model of its own",
     {Test{"*.lora_linear_layer.down.weight", "a low-rank factor"}}},

    {"a ControlNet, not a model of its own",
     {Test{"controlnet_cond_embedding.*", "an embedding of the hint, in diffusers' layout"}}},
    {"a ControlNet, not a model of its own",
     {Test{"control_model.*", "the original layout of a ControlNet"}}},
    {"a ControlNet, not a model of its own",
     {Test{"zero_convs.0.0.weight", "the original layout of a ControlNet"}}},
    {"a T2I-Adapter, not a model of its own", {Test{"body.0.in_conv.weight", "its first layer"}}},
    {"a T2I-Adapter, not a model of its own", {Test{"adapter.body.0.*", "its first layer"}}},
    {"an IP-Adapter, not a model of its own", {Test{"ip_adapter.*", "its attention"}}},
    {"a motion module, not a model of its own", {Test{"*motion_modules.0.*", "its attention"}}},
    {"a textual inversion embedding, not a model of its own",
     {Test{"emb_params", "the vectors of its words"}}},
    {"a textual inversion embedding for Stable Diffusion XL, not a model of its own",
     {Test{"clip_g", "vectors for OpenCLIP-G"}, {"clip_l", "vectors for CLIP-L"}}},
    {"a textual inversion embedding, not a model of its own",
     {Test{"<*>", "the vectors of its words"}}},

    {"the Stable Diffusion XL UNet of a diffusers folder alone: give the folder",
     {Test{"down_blocks.0.*", "diffusers' names"},
      {"add_embedding.linear_1.weight", "the size goes in"}}},
    {"the UNet of a diffusers folder alone: give the folder",
     {Test{"down_blocks.0.*", "diffusers' names"}}},
    {"the VAE of a diffusers folder alone: give the folder",
     {Test{"encoder.down_blocks.0.*", "diffusers' names"}}},
    {"a VAE alone", {Test{"encoder.down.0.*", "original names"}}},
    {"a VAE alone", {Test{"first_stage_model.encoder.down.0.*", "original names, and no UNet"}}},
    {"a text encoder alone", {Test{"text_model.encoder.layers.0.*", "transformers' names"}}},
    {"a text encoder alone", {Test{"encoder.layers.0.*", "transformers' names"}}},
    {"a UNet alone", {Test{"input_blocks.0.0.weight", "original names"}}},
    {"an ESRGAN upscaler, which is not supported",
     {Test{"model.1.sub.0.RDB1.conv1.0.weight", "its first block"}}},
    {"an ESRGAN upscaler, which is not supported",
     {Test{"body.0.rdb1.conv1.weight", "its first block"}}},
}};

bool fits(const Shape& shape, const Test& test) {
  if (test.rank != 0 && shape.size() != test.rank) return false;
  for (std::size_t i = 0; i < test.begins.size(); ++i) {
    if (test.begins[i] != 0 && (i >= shape.size() || shape[i] != test.begins[i])) return false;
  }
  return true;
}

// The name of a tensor that passes; empty if none does.
std::string passing(const WeightSource& file, const std::vector<std::string>& names,
                    const Test& test) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
    return matches(name, test.pattern) && fits(file.find(name)->shape, test);
  });
  return found == names.end() ? "" : *found;
}

// What is said for each test; nothing unless all pass.
std::optional<std::vector<std::string>> evidence_for(const Kind& kind, const WeightSource& file,
                                                     const std::vector<std::string>& names) {
  std::vector<std::string> evidence;
  for (const Test& test : kind.tests) {
    if (test.pattern.empty()) continue;
    const std::string name = passing(file, names, test);
    if (name.empty()) return std::nullopt;
    evidence.push_back(std::string(test.says) + ": " + shown(name) + " is " +
                       shape_text(file.find(name)->shape));
  }
  return evidence;
}

// What the telling tensors are of a checkpoint that is none of the known kinds.
std::string telling_shapes(const WeightSource& file) {
  std::string text;
  for (const std::string_view name : {kConvIn, kToK, kDeeperToK, kProjIn}) {
    const auto info = file.find(std::string(name));
    if (!info) continue;
    text += (text.empty() ? "" : ", ") + std::string(name) + " is " + shape_text(info->shape);
  }
  return text;
}

}  // namespace

Recognition recognise(const WeightSource& file) {
  const auto names = file.names();
  for (const Kind& kind : kKinds) {
    auto evidence = evidence_for(kind, file, names);
    if (!evidence) continue;
    Recognition found{std::string(kind.what), std::move(*evidence), std::nullopt};
    if (!kind.configs.empty()) {
      found.family = {std::string(kind.configs), std::string(kind.pipeline_class), found.what,
                      kind.tests[0].begins[1], kind.configs != kSd1};
    }
    return found;
  }
  return {};
}

Recognition require_model(const WeightSource& file) {
  Recognition found = recognise(file);
  if (found.family) return found;
  const std::string expected = "a Stable Diffusion 1.x or 2.x checkpoint in the original layout";
  if (!found.what.empty()) {
    throw InputError(file.where() + ": is " + found.what + "; expected " + expected);
  }
  const std::string shapes = telling_shapes(file);
  if (shapes.empty()) {
    throw InputError(file.where() + ": there is no tensor " + std::string(kConvIn) +
                     " in it; expected " + expected);
  }
  throw InputError(file.where() + ": " + shapes +
                   ", which is neither Stable Diffusion 1.x nor 2.x");
}

Recognition require_unet(const std::shared_ptr<const WeightSource>& unet) {
  const std::string down = "down_blocks.", to_k = ".transformer_blocks.0.attn2.to_k.weight";
  return require_model(
      RenamedSource(unet, {{"conv_in.weight", std::string(kConvIn)},
                           {down + "0.attentions.0" + to_k, std::string(kToK)},
                           {down + "1.attentions.0" + to_k, std::string(kDeeperToK)},
                           {down + "0.attentions.0.proj_in.weight", std::string(kProjIn)},
                           {down + "1.attentions.0.proj_in.weight", std::string(kDeeperProjIn)}}));
}

}  // namespace velatura::weights
