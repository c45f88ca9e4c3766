#pragma once

#include <cstdint>
#include <string>

#include "weights/weight_source.h"

namespace velatura::weights {

/// What a single file in the original layout is, told by its tensors' names and shapes.
struct ModelFamily {
  std::string configs;         ///< folder of models/configs, such as "stable-diffusion-1"
  std::string pipeline_class;  ///< diffusers' class for it
  std::string name;            ///< for people
  std::int64_t in_channels;    ///< of the UNet
  bool open_clip;              ///< the text encoder is OpenCLIP's rather than transformers'
};

/// @throws InputError saying what the file is where that can be told (another family, a LoRA, a
///         component alone), else what was missed
ModelFamily identify_family(const WeightSource& file);

}  // namespace velatura::weights
