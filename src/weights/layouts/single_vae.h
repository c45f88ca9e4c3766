#pragma once

#include <filesystem>
#include <memory>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// The VAE of Stable Diffusion 1.x and 2.x (downsampling 8) or of the x4 upscaler (4) from a
/// weight file: a file of its own in diffusers' or the original layout, or a checkpoint that
/// holds one. @throws InputError
Part open_single_vae(const std::filesystem::path& path);

/// An AutoencoderKL as a part of a model.
Part vae_part(ConfigObject config, std::shared_ptr<const WeightSource> weights);

}  // namespace velatura::weights
