#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weights/layouts/family.h"
#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// A network's tensors in a checkpoint, under the names that `rules` give them; other names below
/// the prefix stay as they are, unless they are of no use.
/// @param config  the network's own
std::shared_ptr<const WeightSource> from_original_layout(
    const std::shared_ptr<const WeightSource>& checkpoint, const OriginalTensors& tensors,
    const std::vector<NameRule>& rules, const nlohmann::json& config);

/// @throws InputError naming what the parts of a model have less or more than those of its family
void check_complete(const ModelFiles& files);

/// A model's tensors under their names in the original layout, as one source.
/// @throws InputError if it is of no family that has one, or not complete
std::shared_ptr<const WeightSource> in_original_layout(const ModelFiles& files);

}  // namespace velatura::weights
