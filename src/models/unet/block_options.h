#pragma once

#include "layers/resnet_block.h"
#include "layers/transformer_2d.h"
#include "models/unet/config.h"

namespace velatura::models {

/// Whether a block's ResNet blocks are followed by transformers.
enum class BlockAttention { none, cross };

/// A ResNet block as a UNet's blocks have it.
layers::ResnetBlock2D::Options resnet_options(const UNetConfig& config, std::int64_t in,
                                              std::int64_t out);

/// A transformer as a level's blocks have it.
/// @param depth  its transformer blocks
layers::Transformer2DModel::Options transformer_options(const UNetConfig& config,
                                                        const UNetLevel& level, std::int64_t depth);

}  // namespace velatura::models
