#pragma once

#include <string>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// What a diffusers folder holds, for people, as families of single files are called: "Stable
/// Diffusion XL refiner", "Kandinsky 2.2 prior". Told by the pipeline's class and the UNet's config.
std::string kind_of_folder(const ModelFiles& files);

}  // namespace velatura::weights
