#include "weights/layouts/family.h"

#include <algorithm>

#include "weights/layouts/known_configs.h"
#include "weights/layouts/original_names.h"
#include "weights/layouts/transformer_depths.h"

namespace velatura::weights {
namespace {

constexpr OriginalPart kUNet{
    .role = "unet",
    .tensors = {.prefix = "model.diffusion_model.", .names = original_unet_names},
    .average = {
        .prefix = "model_ema.", .names = original_unet_ema_names, .unused = unused_ema_names}};
constexpr OriginalPart kVae{.role = "vae",
                            .tensors = {.prefix = "first_stage_model.",
                                        .names = original_vae_names,
                                        .unused = unused_vae_names},
                            .required = false};
constexpr OriginalPart kClip{
    .role = "text_encoder",
    .tensors = {
        .prefix = "cond_stage_model.", .names = original_clip_names, .unused = unused_text_names}};
constexpr OriginalPart kOpenClip{.role = "text_encoder",
                                 .tensors = {.prefix = "cond_stage_model.",
                                             .names = original_open_clip_names,
                                             .unused = unused_text_names}};
constexpr OriginalPart kDepth{.role = "depth_estimator",
                              .tensors = {.prefix = "depth_model.",
                                          .names = original_depth_names,
                                          .unused = unused_depth_names},
                              .required = false};

constexpr OriginalPart kFirstEncoder{.role = "text_encoder",
                                     .tensors = {.prefix = "conditioner.embedders.0.",
                                                 .names = original_clip_names,
                                                 .unused = unused_text_names}};
constexpr OriginalPart second_encoder(std::string_view prefix) {
  return {.role = "text_encoder_2",
          .tensors = {.prefix = prefix,
                      .names = original_projecting_open_clip_names,
                      .unused = unused_projecting_names}};
}

constexpr auto kSd1Parts = std::to_array<OriginalPart>({kUNet, kVae, kClip});
constexpr auto kSd2Parts = std::to_array<OriginalPart>({kUNet, kVae, kOpenClip});
constexpr auto kDepthParts = std::to_array<OriginalPart>({kUNet, kVae, kOpenClip, kDepth});

constexpr auto kXlParts = std::to_array<OriginalPart>(
    {kUNet, kVae, kFirstEncoder, second_encoder("conditioner.embedders.1.")});
constexpr auto kRefinerParts =
    std::to_array<OriginalPart>({kUNet, kVae, second_encoder("conditioner.embedders.0.")});

constexpr std::string_view kGenerative = "https://github.com/Stability-AI/generative-models";
constexpr std::string_view kCompVis = "https://github.com/CompVis/stable-diffusion";
constexpr std::string_view kStability = "https://github.com/Stability-AI/stablediffusion";

constexpr auto kFamilies = std::to_array<Family>({
    {.name = "Stable Diffusion 1.x",
     .configs = "stable-diffusion-1",
     .pipeline_class = "StableDiffusionPipeline",
     .in_channels = 4,
     .tests = {channels(4), kWide768, kConvProjIn},
     .parts = kSd1Parts,
     .open_clip = false,
     .architecture = "stable-diffusion-v1",
     .implementation = kCompVis},
    {.name = "Stable Diffusion 1.x inpainting",
     .configs = "stable-diffusion-1",
     .pipeline_class = "StableDiffusionInpaintPipeline",
     .in_channels = 9,
     .tests = {channels(9), kWide768, kConvProjIn},
     .parts = kSd1Parts,
     .open_clip = false,
     .architecture = "stable-diffusion-v1-inpainting",
     .implementation = kCompVis},
    {.name = "Stable Diffusion 2.x",
     .configs = "stable-diffusion-2",
     .pipeline_class = "StableDiffusionPipeline",
     .in_channels = 4,
     .tests = {channels(4), kWide1024, kLinearProjIn},
     .parts = kSd2Parts,
     .has_v_twins = true,
     .v_scheduler = "scheduler_v",
     .v_sample_size = 96,
     .v_architecture = "stable-diffusion-v2-768-v",
     .architecture = "stable-diffusion-v2-512",
     .implementation = kStability},
    {.name = "Stable Diffusion 2.x inpainting",
     .configs = "stable-diffusion-2",
     .pipeline_class = "StableDiffusionInpaintPipeline",
     .in_channels = 9,
     .tests = {channels(9), kWide1024, kLinearProjIn},
     .parts = kSd2Parts,
     .v_scheduler = "scheduler_v",
     .v_sample_size = 96,
     .architecture = "stable-diffusion-v2-inpainting",
     .implementation = kStability},
    {.name = "Stable Diffusion 2.x depth",
     .configs = "stable-diffusion-2",
     .pipeline_class = "StableDiffusionDepth2ImgPipeline",
     .in_channels = 5,
     .tests = {channels(5), kWide1024, kLinearProjIn},
     .parts = kDepthParts,
     .v_scheduler = "scheduler_v",
     .v_sample_size = 96,
     .architecture = "stable-diffusion-v2-depth",
     .implementation = kStability},
    {.name = "Stable Diffusion x4 upscaler",
     .configs = "stable-diffusion-x4-upscaler",
     .pipeline_class = "StableDiffusionUpscalePipeline",
     .in_channels = 7,
     .tests = {channels(7, 256), kDeeperWide1024, kDeeperLinearProjIn},
     .parts = kSd2Parts,
     .usual_prediction = "v_prediction",
     .architecture = "stable-diffusion-x4-upscaler",
     .implementation = kStability},
    {.name = "Stable Diffusion XL base",
     .configs = "stable-diffusion-xl-base",
     .pipeline_class = "StableDiffusionXLPipeline",
     .in_channels = 4,
     .tests = {channels(4), kSecondTower, kSizeGoesIn},
     .parts = kXlParts,
     .ldm_config = false,
     .sizes = with_transformer_depths,
     .architecture = "stable-diffusion-xl-v1-base",
     .implementation = kGenerative},
    {.name = "Stable Diffusion XL inpainting",
     .configs = "stable-diffusion-xl-base",
     .pipeline_class = "StableDiffusionXLInpaintPipeline",
     .in_channels = 9,
     .tests = {channels(9), kSecondTower, kSizeGoesIn},
     .parts = kXlParts,
     .ldm_config = false,
     .sizes = with_transformer_depths,
     .architecture = "stable-diffusion-xl-v1-inpainting",
     .implementation = kGenerative},
    {.name = "Stable Diffusion XL refiner",
     .configs = "stable-diffusion-xl-refiner",
     .pipeline_class = "StableDiffusionXLImg2ImgPipeline",
     .in_channels = 4,
     .tests = {channels(4, 384), kOnlyOpenClipG, kScoreGoesIn},
     .parts = kRefinerParts,
     .ldm_config = false,
     .zeroes_negative = false,
     .scores = true,
     .architecture = "stable-diffusion-xl-v1-refiner",
     .implementation = kGenerative},
});

}  // namespace

const OriginalPart* Family::find(std::string_view role) const {
  const auto found = std::ranges::find(parts, role, &OriginalPart::role);
  return found == parts.end() ? nullptr : &*found;
}

ConfigObject Family::config(std::string_view name, const std::string& file) const {
  return known_config(std::string(configs) + "/" + std::string(name), file);
}

std::span<const Family> families() {
  return kFamilies;
}

std::vector<NameRule> original_names(const Family& family, const OriginalPart& part,
                                     const nlohmann::json& config) {
  auto own = family.config(part.role, std::string(family.name)).json();
  if (family.sizes != nullptr && part.role == "unet" && config.is_object()) own.update(config);
  return part.tensors.names(own, std::string(part.tensors.prefix));
}

}  // namespace velatura::weights
