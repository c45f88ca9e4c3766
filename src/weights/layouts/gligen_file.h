#pragma once

#include <memory>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// Whether the UNet of a checkpoint in the original layout has layers for boxes (GLIGEN).
bool is_grounded(const WeightSource& checkpoint);

/// GLIGEN's own files, dicts of `model`, `autoencoder` and `text_encoder`, under the prefixes that other
/// checkpoints have; others as they are.
std::shared_ptr<const WeightSource> with_checkpoint_prefixes(
    std::shared_ptr<const WeightSource> file);

}  // namespace velatura::weights
