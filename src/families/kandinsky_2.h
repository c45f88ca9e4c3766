#pragma once

#include <optional>

#include "core/device.h"
#include "families/codec_placement.h"
#include "pipelines/latent_model.h"
#include "velatura/progress.h"
#include "weights/layouts/prior_files.h"

namespace velatura::families {

/// A Kandinsky 2.1 or 2.2 model (Razzhigaev et al. 2023) as pipelines see it: a UNet that draws what its
/// prior imagines, and a MoVQ. 2.1's reads the prompt as well.
/// @throws InputError naming the file and every key that is missing, unexpected or wrongly shaped, or
///         the parts that do not fit together; UsageError for the codec's tile; Interrupted
pipelines::LatentModel load_kandinsky_2(const weights::ModelFiles& files,
                                        const weights::PriorFiles& prior,
                                        const Placement& placement,
                                        const CodecPlacement& codec_placement, Observer& observer);

/// Such a model as far as its configs tell it, for checking requests: it makes no pictures.
/// @throws InputError, UsageError as loading it, for all that is known without weights
pipelines::LatentModel outline_kandinsky_2(const weights::ModelFiles& files,
                                           const weights::PriorFiles& prior,
                                           std::optional<int> codec_tile);

}  // namespace velatura::families
