#include "models/unet/unet_trunk.h"

#include <ATen/ATen.h>

#include <utility>

#include "models/unet/block_registry.h"

namespace velatura::models {

UNetTrunk::UNetTrunk(const UNetConfig& c) : config_(c) {
  const std::int64_t base = c.levels.front().channels;
  conv_in_ = child<layers::Conv2d>("conv_in", c.in_channels, base, c.conv_in_kernel, 1,
                                   (c.conv_in_kernel - 1) / 2);
  time_embedding_ = child<layers::TimestepEmbedding>("time_embedding", base, c.time_embedding_dim,
                                                     c.time_cond_proj_dim);
  if (c.num_class_embeds > 0) {
    class_embedding_ =
        child<layers::Embedding>("class_embedding", c.num_class_embeds, c.time_embedding_dim);
  }
  if (c.addition_embed_type == AdditionEmbedding::text_time) {
    add_embedding_ = child<layers::TimestepEmbedding>(
        "add_embedding", c.projection_class_embeddings_input_dim, c.time_embedding_dim);
  } else if (c.addition_embed_type != AdditionEmbedding::none) {
    image_embedding_ = child<ImageTimeEmbedding>("add_embedding", c);
  }
  down_blocks_ = child<layers::ModuleList<UNetDownBlock>>("down_blocks");
  for (std::size_t i = 0; i < c.levels.size(); ++i) down_blocks_->append(make_down_block(c, i));
  mid_block_ = adopt("mid_block", make_mid_block(c));
}

at::Tensor UNetTrunk::embed(const at::Tensor& timesteps, const TimeConditions& conditions,
                            at::ScalarType dtype) const {
  const auto& [class_labels, pooled, time_ids, guidance, image, hint] = conditions;
  TORCH_CHECK(class_labels.defined() == (class_embedding_ != nullptr),
              "class labels go with num_class_embeds");
  const bool told_text =
      add_embedding_ || config_.addition_embed_type == AdditionEmbedding::text_image;
  TORCH_CHECK(pooled.defined() == told_text && time_ids.defined() == (add_embedding_ != nullptr),
              "a pooled text and numbers beside it go with addition_embed_type");
  const auto waves = layers::sinusoidal_embedding(timesteps, config_.levels.front().channels,
                                                  config_.flip_sin_to_cos, config_.freq_shift);
  at::Tensor temb = time_embedding_->forward(waves.to(dtype), guidance);
  if (class_embedding_) temb = temb + class_embedding_->forward(class_labels);
  if (add_embedding_) {
    const auto numbers =
        layers::sinusoidal_embedding(time_ids.flatten(), config_.addition_time_embed_dim,
                                     config_.flip_sin_to_cos, config_.freq_shift)
            .view({time_ids.size(0), -1});
    temb = temb + add_embedding_->forward(at::cat({pooled, numbers.to(dtype)}, 1));
  }
  if (image_embedding_) temb = temb + image_embedding_->forward(pooled, image);
  return at::silu(temb);
}

at::Tensor UNetTrunk::enter(const at::Tensor& sample, const at::Tensor& hint) const {
  TORCH_CHECK(hint.defined() == (config_.addition_embed_type == AdditionEmbedding::image_hint),
              "a hint goes with addition_embed_type image_hint");
  at::Tensor x = config_.center_input_sample ? 2 * sample - 1 : sample;
  if (hint.defined()) x = at::cat({x, image_embedding_->forward_hint(hint)}, 1);
  return conv_in_->forward(x.contiguous(at::MemoryFormat::ChannelsLast));
}

at::Tensor UNetTrunk::descend(at::Tensor x, const layers::TimeCondition& time,
                              const layers::AttentionContext& context, Skips& skips,
                              const UNetResiduals& residuals) const {
  for (std::size_t level = 0; level < down_blocks_->size(); ++level) {
    x = (*down_blocks_)[level].forward(x, time, context, skips, residuals.of_level(level));
  }
  return mid_block_->forward(x, time, context);
}

}  // namespace velatura::models
