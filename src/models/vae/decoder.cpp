#include "models/vae/decoder.h"

#include <utility>

#include "layers/resample.h"

namespace velatura::models {

using layers::Conv2d;
using layers::ModuleList;
using layers::ResnetBlock2D;
using layers::Upsample2D;

class VaeUpBlock : public layers::Module {
 public:
  VaeUpBlock(const VaeConfig& c, std::size_t level, std::int64_t told)
      : resnets_(child<ModuleList<ResnetBlock2D>>("resnets")) {
    const auto& channels = c.block_out_channels;
    const std::int64_t below = channels[std::min(level + 1, channels.size() - 1)];
    if (!c.up_attentions.empty() && c.up_attentions[level])
      attentions_ = child<ModuleList<VaeAttention>>("attentions");
    for (std::int64_t i = 0; i <= c.layers_per_block; ++i) {
      resnets_->add(vae_resnet(c, i == 0 ? below : channels[level], channels[level], told));
      if (attentions_) attentions_->add(channels[level], c.norm_num_groups, told);
    }
    if (level > 0) {
      upsamplers_ = child<ModuleList<Upsample2D>>("upsamplers");
      upsamplers_->add(channels[level]);
    }
  }

  at::Tensor forward(at::Tensor x, const layers::TimeCondition& told) const {
    for (std::size_t i = 0; i < resnets_->size(); ++i) {
      x = (*resnets_)[i].forward(std::move(x), told);
      if (attentions_) x = (*attentions_)[i].forward(x, told.latents);
    }
    return upsamplers_ ? (*upsamplers_)[0].forward(x) : x;
  }

 private:
  std::shared_ptr<ModuleList<ResnetBlock2D>> resnets_;
  std::shared_ptr<ModuleList<VaeAttention>> attentions_;  // may be null
  std::shared_ptr<ModuleList<Upsample2D>> upsamplers_;    // null on the finest level
};

VaeDecoder::VaeDecoder(const VaeConfig& c, std::int64_t told) {
  const auto& channels = c.block_out_channels;
  conv_in_ = child<Conv2d>("conv_in", c.latent_channels, channels.back(), 3, 1, 1);
  up_blocks_ = child<ModuleList<VaeUpBlock>>("up_blocks");
  for (std::size_t level = channels.size(); level-- > 0;) up_blocks_->add(c, level, told);
  mid_block_ = child<VaeMidBlock>("mid_block", c, told);
  if (told > 0) {
    conv_norm_out_.spatial = child<layers::SpatialNorm>("conv_norm_out", channels.front(), told);
  } else {
    conv_norm_out_.plain =
        child<layers::GroupNorm>("conv_norm_out", c.norm_num_groups, channels.front(), kVaeNormEps);
  }
  conv_out_ = child<Conv2d>("conv_out", channels.front(), c.out_channels, 3, 1, 1);
}

VaeDecoder::~VaeDecoder() = default;

at::Tensor VaeDecoder::forward(const at::Tensor& latents, const at::Tensor& told) const {
  layers::TimeCondition condition;
  condition.latents = told;
  at::Tensor x = conv_in_->forward(latents.contiguous(at::MemoryFormat::ChannelsLast));
  x = mid_block_->forward(x, told);
  for (const auto& block : *up_blocks_) x = block->forward(std::move(x), condition);
  return conv_out_->forward(conv_norm_out_.forward_silu(std::move(x), told));
}

}  // namespace velatura::models
