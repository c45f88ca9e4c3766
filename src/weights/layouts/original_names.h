#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "weights/sources/renamed_source.h"

namespace velatura::weights {

/// The names of the original single-file layout (CompVis' and Stability's `ldm` modules) and
/// diffusers' names for the same parameters, generated from a component's diffusers config. Each
/// list names every parameter of the component once, and nothing else.
/// @param prefix  what the names of the component begin with in its checkpoint

/// `model.diffusion_model.*` to UNet2DConditionModel.
std::vector<NameRule> original_unet_names(const nlohmann::json& config,
                                          const std::string& prefix = "model.diffusion_model.");

/// `model_ema.*`, training's running average of the same, to UNet2DConditionModel: its names are
/// those of `model.`'s parameters without their dots.
std::vector<NameRule> original_unet_ema_names(const nlohmann::json& config,
                                              const std::string& prefix = "model_ema.");

/// `first_stage_model.*` to AutoencoderKL. Files of a VAE alone go without that prefix.
std::vector<NameRule> original_vae_names(const nlohmann::json& config,
                                         const std::string& prefix = "first_stage_model.");

/// `cond_stage_model.transformer.text_model.*` (transformers' CLIP-L, Stable Diffusion 1.x), in
/// some files without `text_model.`, to CLIPTextModel. Lists both spellings.
std::vector<NameRule> original_clip_names(const nlohmann::json& config,
                                          const std::string& prefix = "cond_stage_model.");

/// `cond_stage_model.model.*` (OpenCLIP-H, Stable Diffusion 2.x) to CLIPTextModel. The config's
/// 23 layers are those up to the penultimate, the last one is not used.
std::vector<NameRule> original_open_clip_names(const nlohmann::json& config,
                                               const std::string& prefix = "cond_stage_model.");

/// The same of one that projects the text in one vector (OpenCLIP-G, Stable Diffusion XL) to
/// CLIPTextModelWithProjection; all of its layers are used.
std::vector<NameRule> original_projecting_open_clip_names(const nlohmann::json& config,
                                                          const std::string& prefix);

/// `depth_model.model.*` (MiDaS' DPT-Hybrid, with timm's names in it; Stable Diffusion 2's depth
/// model) to DPTForDepthEstimation with `is_hybrid`.
std::vector<NameRule> original_depth_names(const nlohmann::json& config,
                                           const std::string& prefix = "depth_model.");

/// `control_model.*`, or without it, to ControlNetModel.
/// @param unet    config of the UNet whose way down it is a copy of
/// @param config  its own, of which the hint's embedding is taken
std::vector<NameRule> original_controlnet_names(const nlohmann::json& unet,
                                                const nlohmann::json& config,
                                                const std::string& prefix);

/// `body.*` and `conv_in` to T2IAdapter, full and light; blocks of full ones are counted through all
/// levels.
std::vector<NameRule> original_t2i_adapter_names(const nlohmann::json& config,
                                                 const std::string& prefix);

/// Patterns (`*` for any characters) of further names below the same prefixes, of tensors that
/// change nothing in what a component computes.
std::vector<std::string> unused_ema_names(const nlohmann::json& config, const std::string& prefix);
std::vector<std::string> unused_vae_names(const nlohmann::json& config, const std::string& prefix);
std::vector<std::string> unused_text_names(const nlohmann::json& config, const std::string& prefix);
std::vector<std::string> unused_projecting_names(const nlohmann::json& config,
                                                 const std::string& prefix);
std::vector<std::string> unused_depth_names(const nlohmann::json& config,
                                            const std::string& prefix);

}  // namespace velatura::weights
