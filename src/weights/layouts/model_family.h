#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A family of models whose single files in the original layout can be used.
struct ModelFamily {
  std::string configs;         ///< folder of models/configs, such as "stable-diffusion-1"
  std::string pipeline_class;  ///< diffusers' class for it
  std::string name;            ///< for people
  std::int64_t in_channels;    ///< of the UNet
  bool open_clip;              ///< the text encoder is OpenCLIP's rather than transformers'
};

/// What a weight file is, told by its tensors' names and shapes alone.
struct Recognition {
  std::string what;  ///< "Stable Diffusion 1.x inpainting", "a LoRA"; empty: unknown
  std::vector<std::string> evidence;  ///< "9 channels go in: …weight is [320, 9, 3, 3]"
  std::optional<ModelFamily> family;  ///< of models that can be used
};

Recognition recognise(const WeightSource& file);

/// The family of a model that can be used.
/// @throws InputError saying what the file is where that can be told (another family, a LoRA, a
///         component alone), else what was missed
Recognition require_model(const WeightSource& file);

/// The same for a UNet alone under diffusers' names. @throws InputError
Recognition require_unet(const std::shared_ptr<const WeightSource>& unet);

}  // namespace velatura::weights
