#include "models/vae/mid_block.h"

#include "layers/attention.h"

namespace velatura::models {

using layers::GroupNorm;
using layers::Linear;
using layers::ModuleList;
using layers::ResnetBlock2D;

VaeAttention::VaeAttention(std::int64_t channels, std::int64_t groups)
    : group_norm_(child<GroupNorm>("group_norm", groups, channels, kVaeNormEps)),
      to_q_(child<Linear>("to_q", channels, channels)),
      to_k_(child<Linear>("to_k", channels, channels)),
      to_v_(child<Linear>("to_v", channels, channels)),
      to_out_(child<ModuleList<Linear>>("to_out")) {
  to_out_->add(channels, channels);
}

at::Tensor VaeAttention::forward(const at::Tensor& x) const {
  const auto tokens = group_norm_->forward(x).permute({0, 2, 3, 1}).flatten(1, 2);  // [B, H*W, C]
  const auto out = (*to_out_)[0].forward(layers::multi_head_attention(
      to_q_->forward(tokens), to_k_->forward(tokens), to_v_->forward(tokens), /*heads=*/1));
  return x + out.unflatten(1, {x.size(2), x.size(3)}).permute({0, 3, 1, 2});
}

VaeMidBlock::VaeMidBlock(const VaeConfig& c) {
  const std::int64_t channels = c.block_out_channels.back();
  if (c.mid_block_add_attention) {
    attentions_ = child<ModuleList<VaeAttention>>("attentions");
    attentions_->add(channels, c.norm_num_groups);
  }
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  resnets_->add(vae_resnet(c, channels, channels));
  resnets_->add(vae_resnet(c, channels, channels));
}

at::Tensor VaeMidBlock::forward(const at::Tensor& x) const {
  at::Tensor hidden = (*resnets_)[0].forward(x);
  if (attentions_) hidden = (*attentions_)[0].forward(hidden);
  return (*resnets_)[1].forward(hidden);
}

}  // namespace velatura::models
