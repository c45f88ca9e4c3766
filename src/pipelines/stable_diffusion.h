#pragma once

#include <memory>
#include <optional>

#include "core/device.h"
#include "models/clip_text/clip_text_model.h"
#include "models/unet/unet_2d_condition_model.h"
#include "pipelines/autoencoder.h"
#include "pipelines/depth_estimator.h"
#include "samplers/make_plan.h"
#include "tokenizer/clip_tokenizer.h"

namespace velatura::pipelines {

/// How an upscaler noises its input.
struct LowRes {
  samplers::ModelScheduler scheduler;
  int max_noise_level;
};

/// The networks of one model, loaded and placed.
struct StableDiffusion {
  Placement placement;
  tokenizer::ClipTokenizer tokenizer;
  std::shared_ptr<models::ClipTextModel> text_encoder;
  std::shared_ptr<models::UNet2DConditionModel> unet;
  Autoencoder vae;
  std::optional<DepthEstimator> depth_estimator;  ///< of depth models, if they bring one
  std::optional<LowRes> low_res;                  ///< of upscalers
};

}  // namespace velatura::pipelines
