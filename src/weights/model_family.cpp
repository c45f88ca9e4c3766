#include "weights/model_family.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "velatura/error.h"
#include "weights/names.h"

namespace velatura::weights {
namespace {

constexpr const char* kConvIn = "model.diffusion_model.input_blocks.0.0.weight";

struct Stranger {
  std::string_view pattern;
  std::string_view what;
};
// Files that are no Stable Diffusion 1.x or 2.x checkpoint; the first match tells.
constexpr std::array<Stranger, 20> kStrangers{{
    {"conditioner.embedders.1.model.ln_final.weight", "a Stable Diffusion XL base checkpoint"},
    {"conditioner.embedders.0.model.ln_final.weight", "a Stable Diffusion XL refiner checkpoint"},
    {"*joint_blocks.0.*", "a Stable Diffusion 3 checkpoint"},
    {"*double_blocks.0.*", "a Flux checkpoint"},
    {"lora_unet_*", "a LoRA, not a model of its own"},
    {"lora_te*", "a LoRA, not a model of its own"},
    {"*.lora_A.weight", "a LoRA, not a model of its own"},
    {"*.lora_down.weight", "a LoRA, not a model of its own"},
    {"*.lora.down.weight", "a LoRA, not a model of its own"},
    {"controlnet_cond_embedding.*", "a ControlNet, not a model of its own"},
    {"control_model.*", "a ControlNet, not a model of its own"},
    {"zero_convs.0.0.weight", "a ControlNet, not a model of its own"},
    {"down_blocks.0.*", "the UNet of a diffusers folder alone: give the folder"},
    {"encoder.down_blocks.0.*", "the VAE of a diffusers folder alone: give the folder"},
    {"encoder.down.0.*", "a VAE alone"},
    {"first_stage_model.encoder.down.0.*", "a VAE alone"},
    {"text_model.encoder.layers.0.*", "a text encoder alone"},
    {"encoder.layers.0.*", "a text encoder alone"},
    {"emb_params", "a textual inversion embedding, not a model of its own"},
    {"input_blocks.0.0.weight", "a UNet alone"},
}};

std::optional<std::string_view> stranger(const std::vector<std::string>& names) {
  for (const Stranger& candidate : kStrangers) {
    for (const std::string& name : names) {
      if (matches(name, candidate.pattern)) return candidate.what;
    }
  }
  return std::nullopt;
}

// Width of the text embeddings that the first cross-attention takes; 0 if there is none.
std::int64_t context_width(const WeightSource& file) {
  for (const char* block : {"1.1", "4.1"}) {
    const auto info = file.find("model.diffusion_model.input_blocks." + std::string(block) +
                                ".transformer_blocks.0.attn2.to_k.weight");
    if (info && info->shape.size() == 2) return info->shape[1];
  }
  return 0;
}

struct Task {
  std::int64_t in_channels;
  std::string_view pipeline_class;
  std::string_view name;
};
constexpr std::array<Task, 4> kTasks{{
    {4, "StableDiffusionPipeline", ""},
    {5, "StableDiffusionDepth2ImgPipeline", " depth"},
    {8, "StableDiffusionInstructPix2PixPipeline", " instruct-pix2pix"},
    {9, "StableDiffusionInpaintPipeline", " inpainting"},
}};

}  // namespace

ModelFamily identify_family(const WeightSource& file) {
  const auto names = file.names();
  const auto conv_in = file.find(kConvIn);
  const bool has_conv_in = conv_in && conv_in->shape.size() == 4;
  const auto known = stranger(names);
  if (!has_conv_in || (known && known->starts_with("a Stable Diffusion XL"))) {
    throw InputError(file.where() + ": " +
                     (known ? "is " + std::string(*known) + "; expected"
                            : "there is no tensor " + std::string(kConvIn) + " in it; expected") +
                     " a Stable Diffusion 1.x or 2.x checkpoint in the original layout");
  }
  const std::int64_t width = conv_in->shape[0], in_channels = conv_in->shape[1];
  const std::int64_t context = context_width(file);
  if (in_channels == 7 && width == 256 && context == 1024) {
    return {"stable-diffusion-x4-upscaler", "StableDiffusionUpscalePipeline",
            "Stable Diffusion x4 upscaler", in_channels, true};
  }
  const auto task = std::find_if(kTasks.begin(), kTasks.end(), [&](const Task& candidate) {
    return candidate.in_channels == in_channels;
  });
  if (width != 320 || (context != 768 && context != 1024) || task == kTasks.end()) {
    throw InputError(file.where() + ": " + kConvIn + " is " + shape_text(conv_in->shape) +
                     " and the text is " + std::to_string(context) +
                     " wide, which is neither Stable Diffusion 1.x nor 2.x");
  }
  const bool second = context == 1024;
  return {second ? "stable-diffusion-2" : "stable-diffusion-1", std::string(task->pipeline_class),
          (second ? "Stable Diffusion 2.x" : "Stable Diffusion 1.x") + std::string(task->name),
          in_channels, second};
}

}  // namespace velatura::weights
