#include "models/vae/mid_block.h"

#include <ATen/ATen.h>

#include <utility>

#include "layers/attention.h"
#include "layers/map_attention.h"

namespace velatura::models {

using layers::GroupNorm;
using layers::Linear;
using layers::ModuleList;
using layers::ResnetBlock2D;
using layers::SpatialNorm;

VaeAttention::VaeAttention(std::int64_t channels, std::int64_t groups, std::int64_t told) {
  if (told > 0) {
    norm_.spatial = child<SpatialNorm>("spatial_norm", channels, told);
  } else {
    norm_.plain = child<GroupNorm>("group_norm", groups, channels, kVaeNormEps);
  }
  to_q_ = child<Linear>("to_q", channels, channels);
  to_k_ = child<Linear>("to_k", channels, channels);
  to_v_ = child<Linear>("to_v", channels, channels);
  to_out_ = child<ModuleList<Linear>>("to_out");
  to_out_->add(channels, channels);
}

at::Tensor VaeAttention::forward(const at::Tensor& x, const at::Tensor& latents) const {
  const auto tokens = layers::to_tokens(norm_.forward(x, latents));
  const auto out = (*to_out_)[0].forward(layers::multi_head_attention(
      to_q_->forward(tokens), to_k_->forward(tokens), to_v_->forward(tokens), /*heads=*/1));
  return x + layers::to_map(out, x.size(2), x.size(3));
}

VaeMidBlock::VaeMidBlock(const VaeConfig& c, std::int64_t told) {
  const std::int64_t channels = c.block_out_channels.back();
  if (c.mid_block_add_attention) {
    attentions_ = child<ModuleList<VaeAttention>>("attentions");
    attentions_->add(channels, c.norm_num_groups, told);
  }
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  resnets_->add(vae_resnet(c, channels, channels, told));
  resnets_->add(vae_resnet(c, channels, channels, told));
}

at::Tensor VaeMidBlock::forward(const at::Tensor& x, const at::Tensor& latents) const {
  layers::TimeCondition told;
  told.latents = latents;
  at::Tensor hidden = (*resnets_)[0].forward(x, told);
  if (attentions_) hidden = (*attentions_)[0].forward(hidden, latents);
  return (*resnets_)[1].forward(std::move(hidden), told);
}

}  // namespace velatura::models
