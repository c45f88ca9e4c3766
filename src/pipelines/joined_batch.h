#pragma once

#include <span>

#include "pipelines/prepared.h"

namespace velatura::pipelines {

/// One batch of several, in their order: what follows a step sees the rows of its own part only.
/// @param parts  not empty; latents of one shape but for their number; all or none with channels
Batch join(std::span<const Batch> parts);

}  // namespace velatura::pipelines
