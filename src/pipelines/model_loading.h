#pragma once

#include "pipelines/stable_diffusion.h"
#include "velatura/progress.h"
#include "weights/model_files.h"

namespace velatura::pipelines {

/// Builds the networks from their configs and gives them their weights.
/// @throws InputError naming the file and every key that is missing, unexpected or wrongly shaped
StableDiffusion load_stable_diffusion(const weights::ModelFiles& files, const Placement& placement,
                                      Observer& observer);

}  // namespace velatura::pipelines
