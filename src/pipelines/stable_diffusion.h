#pragma once

#include <functional>
#include <memory>

#include "core/device.h"
#include "models/clip_text/clip_text_model.h"
#include "models/unet/unet_2d_condition_model.h"
#include "models/vae/autoencoder_kl.h"
#include "tokenizer/clip_tokenizer.h"

namespace velatura::pipelines {

/// The networks of one model, loaded and placed.
struct StableDiffusion {
  Placement placement;
  tokenizer::ClipTokenizer tokenizer;
  std::shared_ptr<models::ClipTextModel> text_encoder;
  std::shared_ptr<models::UNet2DConditionModel> unet;
  std::shared_ptr<models::AutoencoderKL> vae;
  at::ScalarType vae_dtype;
  /// Loads the VAE once more, in another dtype.
  std::function<std::shared_ptr<models::AutoencoderKL>(at::ScalarType dtype)> load_vae;
};

}  // namespace velatura::pipelines
