#include "models/unet/unet_trunk.h"

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
  if (c.addition_time_embed_dim > 0) {
    add_embedding_ = child<layers::TimestepEmbedding>(
        "add_embedding", c.projection_class_embeddings_input_dim, c.time_embedding_dim);
  }
  down_blocks_ = child<layers::ModuleList<UNetDownBlock>>("down_blocks");
  for (std::size_t i = 0; i < c.levels.size(); ++i) down_blocks_->append(make_down_block(c, i));
  mid_block_ = adopt("mid_block", make_mid_block(c));
}

at::Tensor UNetTrunk::embed(const at::Tensor& timesteps, const TimeConditions& conditions,
                            at::ScalarType dtype) const {
  const auto& [class_labels, pooled, time_ids, guidance] = conditions;
  TORCH_CHECK(class_labels.defined() == (class_embedding_ != nullptr),
              "class labels go with num_class_embeds");
  TORCH_CHECK(pooled.defined() == (add_embedding_ != nullptr) &&
                  time_ids.defined() == (add_embedding_ != nullptr),
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
  return at::silu(temb);
}

at::Tensor UNetTrunk::enter(const at::Tensor& sample) const {
  const at::Tensor x = config_.center_input_sample ? 2 * sample - 1 : sample;
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
