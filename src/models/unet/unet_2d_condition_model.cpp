#include "models/unet/unet_2d_condition_model.h"

namespace velatura::models {

using layers::Conv2d;
using layers::ModuleList;

UNet2DConditionModel::UNet2DConditionModel(const UNetConfig& c) : config_(c) {
  const std::int64_t base = c.levels.front().channels;
  conv_in_ = child<Conv2d>("conv_in", c.in_channels, base, c.conv_in_kernel, 1,
                           (c.conv_in_kernel - 1) / 2);
  time_embedding_ = child<layers::TimestepEmbedding>("time_embedding", base, c.time_embedding_dim);
  if (c.num_class_embeds > 0) {
    class_embedding_ =
        child<layers::Embedding>("class_embedding", c.num_class_embeds, c.time_embedding_dim);
  }
  down_blocks_ = child<ModuleList<UNetDownBlock>>("down_blocks");
  up_blocks_ = child<ModuleList<UNetUpBlock>>("up_blocks");
  for (std::size_t i = 0; i < c.levels.size(); ++i) {
    down_blocks_->add(c, i);
    up_blocks_->add(c, c.levels.size() - 1 - i);
  }
  mid_block_ = child<UNetMidBlock>("mid_block", c);
  conv_norm_out_ = child<layers::GroupNorm>("conv_norm_out", c.norm_num_groups, base, c.norm_eps);
  conv_out_ = child<Conv2d>("conv_out", base, c.out_channels, c.conv_out_kernel, 1,
                            (c.conv_out_kernel - 1) / 2);
}

at::Tensor UNet2DConditionModel::forward(const at::Tensor& sample, double timestep,
                                         const at::Tensor& context,
                                         const at::Tensor& class_labels) const {
  TORCH_CHECK(class_labels.defined() == (class_embedding_ != nullptr),
              "class labels go with num_class_embeds");
  const auto times = at::full({sample.size(0)}, timestep, sample.options().dtype(at::kFloat));
  const auto waves = layers::sinusoidal_embedding(times, config_.levels.front().channels,
                                                  config_.flip_sin_to_cos, config_.freq_shift);
  at::Tensor temb = time_embedding_->forward(waves.to(sample.scalar_type()));
  if (class_embedding_) temb = temb + class_embedding_->forward(class_labels);
  temb = at::silu(temb);  // every ResNet block begins with it

  at::Tensor x = config_.center_input_sample ? 2 * sample - 1 : sample;
  x = conv_in_->forward(x.contiguous(at::MemoryFormat::ChannelsLast));
  Skips skips{x};
  for (const auto& block : *down_blocks_) x = block->forward(x, temb, context, skips);
  x = mid_block_->forward(x, temb, context);
  for (const auto& block : *up_blocks_) x = block->forward(x, temb, context, skips);
  return conv_out_->forward(conv_norm_out_->forward_silu(x));
}

}  // namespace velatura::models
