#pragma once

#include "core/config_object.h"

namespace velatura::models {

/// Passes over what transformers writes into the config of any model: about itself and, in older
/// files, about text generation. None of it changes what a vision model computes.
void ignore_transformers_keys(ConfigObject& json);

}  // namespace velatura::models
