#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weights/layouts/family.h"
#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// What a weight file is, told by its tensors' names and shapes alone.
struct Recognition {
  std::string what;  ///< "Stable Diffusion 1.x inpainting", "a LoRA"; empty: unknown
  std::vector<std::string> evidence;  ///< "9 channels go in: …weight is [320, 9, 3, 3]"
  const Family* family = nullptr;     ///< of models that can be used
  std::string_view option = {};       ///< that takes such a file: "lora"; empty: none
};

Recognition recognise(const WeightSource& file);

/// The family of a model that can be used.
/// @throws InputError saying what the file is where that can be told (another family, a LoRA, a
///         component alone), else what was missed
Recognition require_model(const WeightSource& file);

/// Says what a file is that was given for something else, and which option takes it.
/// @param expected  "a ControlNet or a T2I-Adapter" @throws InputError always
[[noreturn]] void refuse_kind(const WeightSource& file, const std::string& expected);

/// The family of a UNet alone under diffusers' names. @throws InputError
const Family& require_unet(const std::shared_ptr<const WeightSource>& unet);

}  // namespace velatura::weights
