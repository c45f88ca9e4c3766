#pragma once

#include <memory>
#include <vector>

#include "weights/layouts/model_family.h"
#include "weights/layouts/model_files.h"
#include "weights/sources/renamed_source.h"

namespace velatura::weights {

/// The names of a family's parts in the original layout, for its config in models/configs.
struct OriginalNames {
  std::vector<NameRule> unet, vae, text_encoder;
  std::vector<NameRule> depth_estimator;  ///< of depth models only
};
OriginalNames original_names(const ModelFamily& family);

/// @throws InputError naming what the parts of a model have less or more than those of its family
void check_complete(const ModelFiles& files);

/// A model's tensors under their names in the original layout, as one source.
/// @throws InputError if it is of no family that has one, or not complete
std::shared_ptr<const WeightSource> in_original_layout(const ModelFiles& files);

}  // namespace velatura::weights
