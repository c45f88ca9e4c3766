#pragma once

#include <optional>

#include "core/device.h"
#include "families/codec_placement.h"
#include "pipelines/latent_model.h"
#include "velatura/progress.h"
#include "weights/layouts/model_files.h"

namespace velatura::families {

/// A Stable Diffusion XL model or its refiner (Podell et al. 2023) as pipelines see it.
/// @throws InputError naming the file and every key that is missing, unexpected or wrongly shaped, or
///         the parts that do not fit together; UsageError for the VAE's tile; Interrupted
pipelines::LatentModel load_stable_diffusion_xl(const weights::ModelFiles& files,
                                                const Placement& placement,
                                                const CodecPlacement& vae_placement,
                                                Observer& observer);

/// Such a model as far as its configs tell it, for checking requests: it makes no pictures.
/// @throws InputError, UsageError as loading it, for all that is known without weights
pipelines::LatentModel outline_stable_diffusion_xl(const weights::ModelFiles& files,
                                                   std::optional<int> vae_tile);

}  // namespace velatura::families
