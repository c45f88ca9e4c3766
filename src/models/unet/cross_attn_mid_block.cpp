#include "models/unet/cross_attn_mid_block.h"

namespace velatura::models {

using layers::MapAttention;
using layers::ModuleList;
using layers::ResnetBlock2D;

CrossAttnMidBlock::CrossAttnMidBlock(const UNetConfig& c, BlockAttention attention) {
  const std::int64_t channels = c.levels.back().channels;
  const bool attends = attention != BlockAttention::none;
  if (attends) attentions_ = child<ModuleList<MapAttention>>("attentions");
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  resnets_->add(resnet_options(c, channels, channels));
  if (!attends) return;
  UNetLevel level = c.levels.back();
  level.only_cross_attention = false;  // the middle always has self-attention
  attentions_->append(make_attention(c, level, attention, level.down_transformer_layers.front()));
  resnets_->add(resnet_options(c, channels, channels));
}

at::Tensor CrossAttnMidBlock::forward(const at::Tensor& x, const layers::TimeCondition& time,
                                      const layers::AttentionContext& context) const {
  at::Tensor hidden = (*resnets_)[0].forward(x, time);
  if (!attentions_) return hidden;
  return (*resnets_)[1].forward((*attentions_)[0].forward(hidden, context), time);
}

}  // namespace velatura::models
