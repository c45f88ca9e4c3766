#pragma once

#include <memory>

#include "core/device.h"
#include "families/autoencoder.h"
#include "families/codec_placement.h"
#include "families/depth_estimators.h"
#include "models/clip_text/clip_text_model.h"
#include "models/unet/unet_2d_condition_model.h"
#include "pipelines/latent_model.h"
#include "tokenizer/clip_tokenizer.h"
#include "velatura/progress.h"
#include "weights/layouts/model_files.h"
#include "weights/patchable_weights.h"

namespace velatura::families {

/// The networks of a Stable Diffusion 1 or 2 model (Rombach et al. 2022), loaded and placed.
struct StableDiffusion {
  tokenizer::ClipTokenizer tokenizer;
  std::shared_ptr<models::ClipTextModel> text_encoder;
  std::shared_ptr<models::UNet2DConditionModel> unet;
  std::unique_ptr<Autoencoder> vae;
  std::unique_ptr<pipelines::DepthEstimators> depth_estimators;
  std::unique_ptr<weights::PatchableWeights> text_weights, unet_weights;
};

/// Builds the networks from their configs and gives them their weights.
/// @throws InputError naming the file and every key that is missing, unexpected or wrongly shaped,
///         or the parts that do not fit together; UsageError for the VAE's tile
StableDiffusion load_networks(const weights::ModelFiles& files, const Placement& placement,
                              const CodecPlacement& vae_placement, Observer& observer);

/// Such a model as far as its configs tell it, for checking requests: it makes no pictures.
/// @param vae_tile  see ModelOptions
/// @throws InputError, UsageError as load_networks(), for all that is known without weights
pipelines::LatentModel outline_stable_diffusion(const weights::ModelFiles& files,
                                                std::optional<int> vae_tile);

/// Such a model as pipelines see it; throws as load_networks() does.
pipelines::LatentModel load_stable_diffusion(const weights::ModelFiles& files,
                                             const Placement& placement,
                                             const CodecPlacement& vae_placement,
                                             Observer& observer);

}  // namespace velatura::families
