#pragma once

#include <cstdint>

#include "core/config_object.h"
#include "models/vae/config.h"

namespace velatura::models {

/// movq/config.json of a VQModel; defaults are diffusers' own. What it has in common with an
/// AutoencoderKL stands in VaeConfig; scaling_factor is 1, as latents are not scaled.
struct VqConfig : VaeConfig {
  std::int64_t num_vq_embeddings = 256;  ///< of the codebook
  std::int64_t vq_embed_dim = 3;         ///< channels of the latents
  bool spatial_norm = false;  ///< norm_type is "spatial": the decoder's norms see latents

  /// @throws InputError naming what is missing, inconsistent or not supported
  static VqConfig read(ConfigObject json);
  bool operator==(const VqConfig&) const = default;
};

}  // namespace velatura::models
