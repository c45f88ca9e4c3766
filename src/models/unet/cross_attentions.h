#pragma once

#include <cstdint>
#include <vector>

#include "models/unet/config.h"

namespace velatura::models {

/// Widths of a UNet's cross-attention layers, in the order in which IP-Adapters count them: those of
/// the way down, of the way up, of the middle. SimpleCrossAttn… blocks have none.
std::vector<std::int64_t> cross_attention_widths(const UNetConfig& config);

}  // namespace velatura::models
