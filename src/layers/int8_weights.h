#pragma once

#include "layers/module.h"

namespace velatura::layers {

/// To be called before a network is given its weights: all in it that can hold them as int8.
/// @throws ResourceError  this processor does not compute with such weights
void hold_as_int8(Module& network);

}  // namespace velatura::layers
