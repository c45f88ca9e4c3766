#include "weights/layouts/recognition.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "velatura/error.h"
#include "weights/sources/names.h"
#include "weights/sources/renamed_source.h"

namespace velatura::weights {
namespace {

/// A kind of file that cannot be used as a model: all tests hold.
struct Stranger {
  std::string_view what;
  std::array<TensorTest, 3> tests;
  std::string_view option = "";  ///< that takes it; empty: none
};

// What is no family's. The first that holds tells.
constexpr auto kStrangers = std::to_array<Stranger>({
    {"a Stable Diffusion 1.x instruct-pix2pix checkpoint", {channels(8), kWide768, kConvProjIn}},
    {"a Stable Diffusion 2.x instruct-pix2pix checkpoint", {channels(8), kWide1024, kLinearProjIn}},

    {"a Stable Diffusion XL instruct-pix2pix checkpoint", {kSecondTower, channels(8)}},
    {"a Stable Diffusion XL base checkpoint without its second text encoder",
     {kSizeGoesIn, TensorTest{"conditioner.embedders.0.*", "the first text encoder"}}},
    {"a Stable Diffusion XL base checkpoint of another shape", {kSecondTower}},
    {"a Stable Diffusion XL refiner checkpoint of another shape", {kOnlyOpenClipG}},
    {"a Stable Diffusion XL UNet alone", {kSizeGoesIn}},
    {"a Stable Diffusion XL refiner's UNet alone", {kScoreGoesIn}},
    {"a Stable Diffusion 3 checkpoint", {TensorTest{"*joint_blocks.0.*", "blocks of an MMDiT"}}},
    {"a Flux checkpoint", {TensorTest{"*double_blocks.0.*", "blocks of Flux"}}},

    // Another checkpoint; its VAE must not be taken for a VAE alone.
    {"", {TensorTest{kConvIn, "a UNet in the original layout"}}},

    {"a LoHa, not a model of its own",
     {TensorTest{"*.hada_w1_a", "a Hadamard product of factors"}},
     "lora"},
    {"a LoKr, not a model of its own",
     {TensorTest{"*.lokr_w1*", "a Kronecker product of factors"}},
     "lora"},
    {"a Control-LoRA, which is not supported", {TensorTest{"lora_controlnet", "its mark"}}},
    {"a ControlNet-LLLite, which is not supported",
     {TensorTest{"lllite_unet*", "its small networks in the UNet"}}},
    {"a DoRA, not a model of its own",
     {TensorTest{"*.dora_scale", "a magnitude beside the factors"}},
     "lora"},
    {"a LoRA, not a model of its own", {TensorTest{"lora_unet_*", "factors for the UNet"}}, "lora"},
    {"a LoRA, not a model of its own",
     {TensorTest{"lora_te*", "factors for the text encoder"}},
     "lora"},
    {"a LoRA, not a model of its own",
     {TensorTest{"*.lora_A.weight", "a low-rank factor"}},
     "lora"},
    {"a LoRA, not a model of its own",
     {TensorTest{"*.lora_down.weight", "a low-rank factor"}},
     "lora"},
    {"a LoRA, not a model of its own",
     {TensorTest{"*.lora.down.weight", "a low-rank factor"}},
     "lora"},
    {"a LoRA, not a model of its own",
     {TensorTest{"*_lora.down.weight", "a low-rank factor"}},
     "lora"},
    {"a LoRA, not a model of its own",
     {TensorTest{"*.lora_linear_layer.down.weight", "a low-rank factor"}},
     "lora"},

    {"a ControlNet, not a model of its own",
     {TensorTest{"controlnet_cond_embedding.*", "an embedding of the hint, in diffusers' layout"}},
     "control"},
    {"a ControlNet, not a model of its own",
     {TensorTest{"control_model.*", "the original layout of a ControlNet"}},
     "control"},
    {"a ControlNet, not a model of its own",
     {TensorTest{"zero_convs.0.0.weight", "the original layout of a ControlNet"}},
     "control"},
    {"a T2I-Adapter, not a model of its own",
     {TensorTest{"body.0.in_conv.weight", "its first layer"}},
     "control"},
    {"a T2I-Adapter, not a model of its own",
     {TensorTest{"body.0.block1.weight", "its first block"}},
     "control"},
    {"a T2I-Adapter, not a model of its own",
     {TensorTest{"adapter.body.0.*", "its first layer"}},
     "control"},
    {"an IP-Adapter, not a model of its own",
     {TensorTest{"ip_adapter.*", "its attention"}},
     "ip-adapter"},
    {"a motion module, not a model of its own",
     {TensorTest{"*motion_modules.0.*", "its attention"}}},
    {"a textual inversion embedding, not a model of its own",
     {TensorTest{"emb_params", "the vectors of its words"}},
     "embedding"},
    {"a textual inversion embedding for Stable Diffusion XL, not a model of its own",
     {TensorTest{"clip_g", "vectors for OpenCLIP-G"}, {"clip_l", "vectors for CLIP-L"}},
     "embedding"},
    {"a textual inversion embedding, not a model of its own",
     {TensorTest{"<*>", "the vectors of its words"}},
     "embedding"},

    {"the Stable Diffusion XL UNet of a diffusers folder alone: give the folder",
     {TensorTest{"down_blocks.0.*", "diffusers' names"},
      {"add_embedding.linear_1.weight", "the size goes in"}}},
    {"the UNet of a diffusers folder alone: give the folder",
     {TensorTest{"down_blocks.0.*", "diffusers' names"}}},
    {"the VAE of a diffusers folder alone: give the folder",
     {TensorTest{"encoder.down_blocks.0.*", "diffusers' names"}}},
    {"a Stable Diffusion checkpoint without its UNet",
     {TensorTest{"first_stage_model.*", "a VAE"}, {"cond_stage_model.*", "a text encoder"}}},
    {"a VAE alone", {TensorTest{"encoder.down.0.*", "original names"}}},
    {"a VAE alone",
     {TensorTest{"first_stage_model.encoder.down.0.*", "original names, and no UNet"}}},
    {"a CLIP image encoder, not a model of its own",
     {TensorTest{"vision_model.embeddings.class_embedding", "transformers' names"}},
     "image-encoder"},
    {"a depth estimator (DPT), not a model of its own: its folder is taken",
     {TensorTest{"dpt.embeddings.*", "transformers' names"}},
     "depth-estimator"},
    {"a text encoder alone", {TensorTest{"text_model.encoder.layers.0.*", "transformers' names"}}},
    {"a text encoder alone", {TensorTest{"encoder.layers.0.*", "transformers' names"}}},
    {"a text encoder alone", {TensorTest{"cond_stage_model.*", "original names, and no UNet"}}},
    {"a UNet alone", {TensorTest{"input_blocks.0.0.weight", "original names"}}},
    {"GLIGEN's layers alone, without the model that they belong to",
     {TensorTest{"*.fuser.alpha_attn", "a gate"}, {"position_net.*", "the boxes' layers"}}},
    {"an ESRGAN upscaler, which is not supported",
     {TensorTest{"model.1.sub.0.RDB1.conv1.0.weight", "its first block"}}},
    {"an ESRGAN upscaler, which is not supported",
     {TensorTest{"body.0.rdb1.conv1.weight", "its first block"}}},
});

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

// A few of its names.
std::string some_of_names(const WeightSource& file) {
  std::vector<std::string> names;
  for (const std::string& name : file.names()) names.push_back(shown(name));
  return some_of(names, 3);
}

// By those of the family's tests that are about the UNet.
bool is_unet_of(const Family& family, const WeightSource& unet) {
  const std::string_view prefix = family.parts.front().tensors.prefix;
  const auto names = unet.names();
  return std::ranges::all_of(family.tests, [&](const TensorTest& test) {
    return !test.pattern.starts_with(prefix) || evidence_for({&test, 1}, unet, names);
  });
}

const std::string kExpected = "a Stable Diffusion 1.x, 2.x or XL checkpoint in the original layout";

// The option for it, if one takes it.
std::string taken_by(const Recognition& found) {
  const std::string option(found.option);
  return option.empty() ? "" : ": --" + option + " takes such a file";
}

[[noreturn]] void refuse(const WeightSource& file, const Recognition& stranger) {
  throw InputError(file.where() + ": is " + stranger.what + "; expected " + kExpected +
                   taken_by(stranger));
}

}  // namespace

Recognition recognise(const WeightSource& file) {
  const auto names = file.names();
  for (const Family& family : families()) {
    if (auto evidence = evidence_for(family.tests, file, names)) {
      return {std::string(family.name), std::move(*evidence), &family, "model"};
    }
  }
  for (const Stranger& stranger : kStrangers) {
    if (auto evidence = evidence_for(stranger.tests, file, names)) {
      return {std::string(stranger.what), std::move(*evidence), nullptr, stranger.option};
    }
  }
  return {};
}

Recognition require_model(const WeightSource& file) {
  Recognition found = recognise(file);
  if (found.family != nullptr) return found;
  if (!found.what.empty()) refuse(file, found);
  const std::string shapes = telling_shapes(file);
  if (shapes.empty()) {
    throw InputError(file.where() + ": there is no tensor " + std::string(kConvIn) +
                     " in it; expected " + kExpected);
  }
  throw InputError(file.where() + ": " + shapes +
                   ", which is neither Stable Diffusion 1.x nor 2.x nor XL");
}

void refuse_kind(const WeightSource& file, const std::string& expected) {
  const Recognition found = recognise(file);
  if (found.what.empty())
    throw InputError(file.where() + ": expected " + expected +
                     ", found tensors of no known kind: " + some_of_names(file));
  std::string what = found.family != nullptr ? "a " + found.what + " model" : found.what;
  if (const auto cut = what.find(", not a model of its own"); cut != what.npos) what.resize(cut);
  throw InputError(file.where() + ": is " + what + "; expected " + expected + taken_by(found));
}

const Family& require_unet(const std::shared_ptr<const WeightSource>& unet) {
  const std::string down = "down_blocks.", to_k = ".transformer_blocks.0.attn2.to_k.weight";
  const std::vector<NameRule> telling{
      {"conv_in.weight", std::string(kConvIn)},
      {down + "0.attentions.0" + to_k, std::string(kToK)},
      {down + "1.attentions.0" + to_k, std::string(kDeeperToK)},
      {down + "0.attentions.0.proj_in.weight", std::string(kProjIn)},
      {down + "1.attentions.0.proj_in.weight", std::string(kDeeperProjIn)},
      {"add_embedding.linear_1.weight", std::string(kLabels)}};
  const RenamedSource renamed(unet, telling);
  for (const Family& family : families())
    if (is_unet_of(family, renamed)) return family;
  const Recognition found = recognise(renamed);
  if (!found.what.empty()) refuse(renamed, found);
  std::string shapes;
  for (const NameRule& rule : telling) {
    const auto info = unet->find(rule.from);
    if (info) shapes += (shapes.empty() ? "" : ", ") + rule.from + " is " + shape_text(info->shape);
  }
  throw InputError(
      unet->where() + ": " + shapes +
      ", which is neither Stable Diffusion 1.x nor 2.x nor XL: only models of their shapes fit "
      "into a single file; a diffusers folder holds any");
}

}  // namespace velatura::weights
