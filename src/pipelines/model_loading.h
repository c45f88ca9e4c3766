#pragma once

#include <optional>

#include "pipelines/stable_diffusion.h"
#include "velatura/progress.h"
#include "weights/layouts/model_files.h"

namespace velatura::pipelines {

/// How the VAE works, on the device of the rest.
struct VaePlacement {
  at::ScalarType dtype;
  std::optional<int> tile;  ///< see Autoencoder
};

/// Builds the networks from their configs and gives them their weights.
/// @throws InputError naming the file and every key that is missing, unexpected or wrongly shaped,
///         or the parts that do not fit together; UsageError for the VAE's tile
StableDiffusion load_stable_diffusion(const weights::ModelFiles& files, const Placement& placement,
                                      const VaePlacement& vae_placement, Observer& observer);

}  // namespace velatura::pipelines
