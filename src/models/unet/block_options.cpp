#include "models/unet/block_options.h"

#include "layers/added_kv_attention.h"
#include "layers/transformer_2d.h"

namespace velatura::models {

layers::ResnetBlock2D::Options resnet_options(const UNetConfig& c, std::int64_t in,
                                              std::int64_t out, layers::Resampling resampling) {
  return {.in_channels = in,
          .out_channels = out,
          .temb_channels = c.time_embedding_dim,
          .groups = c.norm_num_groups,
          .eps = c.norm_eps,
          .scale_shift = c.scale_shift,
          .resampling = resampling};
}

std::shared_ptr<layers::MapAttention> make_attention(const UNetConfig& c, const UNetLevel& level,
                                                     BlockAttention attention, std::int64_t depth) {
  using layers::AddedKvAttention;
  using layers::Transformer2DModel;
  if (attention == BlockAttention::simple) {
    return std::make_shared<AddedKvAttention>(
        AddedKvAttention::Options{.channels = level.channels,
                                  .heads = level.channels / level.heads,
                                  .context_dim = level.cross_attention_dim,
                                  .groups = c.norm_num_groups});
  }
  return std::make_shared<Transformer2DModel>(
      Transformer2DModel::Options{.channels = level.channels,
                                  .heads = level.heads,
                                  .layers = depth,
                                  .cross_attention_dim = level.cross_attention_dim,
                                  .groups = c.norm_num_groups,
                                  .use_linear_projection = c.use_linear_projection,
                                  .only_cross_attention = level.only_cross_attention,
                                  .gated = c.gated});
}

}  // namespace velatura::models
