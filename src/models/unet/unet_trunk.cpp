#include "models/unet/unet_trunk.h"

#include <utility>

#include "models/unet/block_registry.h"

namespace velatura::models {

UNetTrunk::UNetTrunk(const UNetConfig& c) : config_(c) {
  const std::int64_t base = c.levels.front().channels;
  conv_in_ = child<layers::Conv2d>("conv_in", c.in_channels, base, c.conv_in_kernel, 1,
                                   (c.conv_in_kernel - 1) / 2);
  time_embedding_ = child<layers::TimestepEmbedding>("time_embedding", base, c.time_embedding_dim);
  if (c.num_class_embeds > 0) {
    class_embedding_ =
        child<layers::Embedding>("class_embedding", c.num_class_embeds, c.time_embedding_dim);
  }
  down_blocks_ = child<layers::ModuleList<UNetDownBlock>>("down_blocks");
  for (std::size_t i = 0; i < c.levels.size(); ++i) down_blocks_->append(make_down_block(c, i));
  mid_block_ = adopt("mid_block", make_mid_block(c));
}

at::Tensor UNetTrunk::embed(const at::Tensor& timesteps, const at::Tensor& class_labels,
                            at::ScalarType dtype) const {
  TORCH_CHECK(class_labels.defined() == (class_embedding_ != nullptr),
              "class labels go with num_class_embeds");
  const auto waves = layers::sinusoidal_embedding(timesteps, config_.levels.front().channels,
                                                  config_.flip_sin_to_cos, config_.freq_shift);
  at::Tensor temb = time_embedding_->forward(waves.to(dtype));
  if (class_embedding_) temb = temb + class_embedding_->forward(class_labels);
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
