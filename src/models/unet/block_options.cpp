#include "models/unet/block_options.h"

namespace velatura::models {

layers::ResnetBlock2D::Options resnet_options(const UNetConfig& c, std::int64_t in,
                                              std::int64_t out) {
  return {.in_channels = in,
          .out_channels = out,
          .temb_channels = c.time_embedding_dim,
          .groups = c.norm_num_groups,
          .eps = c.norm_eps,
          .scale_shift = c.scale_shift};
}

layers::Transformer2DModel::Options transformer_options(const UNetConfig& c, const UNetLevel& level,
                                                        std::int64_t depth) {
  return {.channels = level.channels,
          .heads = level.heads,
          .layers = depth,
          .cross_attention_dim = level.cross_attention_dim,
          .groups = c.norm_num_groups,
          .use_linear_projection = c.use_linear_projection,
          .only_cross_attention = level.only_cross_attention,
          .gated = c.gated};
}

}  // namespace velatura::models
