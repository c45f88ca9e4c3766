#pragma once

#include <memory>

#include "layers/map_attention.h"
#include "layers/resnet_block.h"
#include "models/unet/config.h"

namespace velatura::models {

/// What a block's ResNet blocks are followed by: nothing, transformers (CrossAttn…), or attention over
/// the context and the pixels at once (SimpleCrossAttn…).
enum class BlockAttention { none, cross, simple };

/// What halves and doubles: a convolution, or a ResNet block.
enum class BlockResampler { convolution, resnet };

/// A ResNet block as a UNet's blocks have it.
layers::ResnetBlock2D::Options resnet_options(
    const UNetConfig& config, std::int64_t in, std::int64_t out,
    layers::Resampling resampling = layers::Resampling::none);

/// What follows a ResNet block of a level's blocks.
/// @param attention  not none
/// @param depth      blocks of a transformer
std::shared_ptr<layers::MapAttention> make_attention(const UNetConfig& config,
                                                     const UNetLevel& level,
                                                     BlockAttention attention, std::int64_t depth);

}  // namespace velatura::models
