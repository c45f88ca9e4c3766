#include "models/vae/encoder.h"

#include <utility>

#include "layers/resample.h"

namespace velatura::models {

using layers::Conv2d;
using layers::Downsample2D;
using layers::ModuleList;
using layers::ResnetBlock2D;

class VaeDownBlock : public layers::Module {
 public:
  VaeDownBlock(const VaeConfig& c, std::size_t level)
      : resnets_(child<ModuleList<ResnetBlock2D>>("resnets")) {
    if (!c.down_attentions.empty() && c.down_attentions[level])
      attentions_ = child<ModuleList<VaeAttention>>("attentions");
    const auto& channels = c.block_out_channels;
    for (std::int64_t i = 0; i < c.layers_per_block; ++i) {
      const bool widens = i == 0 && level > 0;
      resnets_->add(vae_resnet(c, channels[widens ? level - 1 : level], channels[level]));
      if (attentions_) attentions_->add(channels[level], c.norm_num_groups);
    }
    if (level + 1 < channels.size()) {
      downsamplers_ = child<ModuleList<Downsample2D>>("downsamplers");
      downsamplers_->add(channels[level], /*padding=*/0);
    }
  }

  at::Tensor forward(at::Tensor x) const {
    for (std::size_t i = 0; i < resnets_->size(); ++i) {
      x = (*resnets_)[i].forward(std::move(x));
      if (attentions_) x = (*attentions_)[i].forward(x);
    }
    return downsamplers_ ? (*downsamplers_)[0].forward(x) : x;
  }

 private:
  std::shared_ptr<ModuleList<ResnetBlock2D>> resnets_;
  std::shared_ptr<ModuleList<VaeAttention>> attentions_;    // may be null
  std::shared_ptr<ModuleList<Downsample2D>> downsamplers_;  // null on the coarsest level
};

VaeEncoder::VaeEncoder(const VaeConfig& c, std::int64_t moments) {
  const auto& channels = c.block_out_channels;
  conv_in_ = child<Conv2d>("conv_in", c.in_channels, channels.front(), 3, 1, 1);
  down_blocks_ = child<ModuleList<VaeDownBlock>>("down_blocks");
  for (std::size_t level = 0; level < channels.size(); ++level) down_blocks_->add(c, level);
  mid_block_ = child<VaeMidBlock>("mid_block", c);
  conv_norm_out_ =
      child<layers::GroupNorm>("conv_norm_out", c.norm_num_groups, channels.back(), kVaeNormEps);
  conv_out_ = child<Conv2d>("conv_out", channels.back(), moments, 3, 1, 1);
}

VaeEncoder::~VaeEncoder() = default;

at::Tensor VaeEncoder::forward(const at::Tensor& pixels) const {
  at::Tensor x = conv_in_->forward(pixels.contiguous(at::MemoryFormat::ChannelsLast));
  for (const auto& block : *down_blocks_) x = block->forward(std::move(x));
  x = mid_block_->forward(x);
  return conv_out_->forward(conv_norm_out_->forward_silu(std::move(x)));
}

}  // namespace velatura::models
