#pragma once

#include <optional>

#include "core/device.h"
#include "families/codec_placement.h"
#include "pipelines/latent_model.h"
#include "velatura/progress.h"
#include "weights/layouts/prior_files.h"

namespace velatura::families {

/// Loads a model of any family. @param prior  of one that takes one
/// @throws InputError naming the file and what does not fit, UsageError for the codec's tile,
///         Interrupted
pipelines::LatentModel load_model(const weights::ModelFiles& files,
                                  const weights::PriorFiles& prior, const Placement& placement,
                                  const CodecPlacement& codec_placement, Observer& observer);

/// A model of any family as far as its configs tell it, for checking requests.
/// @throws InputError, UsageError as load_model(), for all that is known without weights
pipelines::LatentModel outline_model(const weights::ModelFiles& files,
                                     const weights::PriorFiles& prior, std::optional<int> vae_tile);

}  // namespace velatura::families
