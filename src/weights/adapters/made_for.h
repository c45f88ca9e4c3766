#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// The models that an adapter file was made for, as far as its keys and shapes tell.
struct MadeFor {
  std::string model;       ///< "Stable Diffusion 2.x"; empty: not known
  std::string layer = {};  ///< that tells it, as the file spells it
  std::int64_t width = 0;  ///< columns of that layer's weight; 0: they tell nothing
  std::string evidence;    ///< "lora_te2_… are factors for a second text encoder"
};

MadeFor made_for(const WeightSource& file);

/// "Stable Diffusion 1.x" for 768, …; "a model whose text is 32 wide" for what no known model has.
std::string model_of_width(std::int64_t width);

}  // namespace velatura::weights
