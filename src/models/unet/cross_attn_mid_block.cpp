#include "models/unet/cross_attn_mid_block.h"

namespace velatura::models {

using layers::ModuleList;
using layers::ResnetBlock2D;
using layers::Transformer2DModel;

CrossAttnMidBlock::CrossAttnMidBlock(const UNetConfig& c, BlockAttention attention) {
  const std::int64_t channels = c.levels.back().channels;
  const bool cross = attention == BlockAttention::cross;
  if (cross) attentions_ = child<ModuleList<Transformer2DModel>>("attentions");
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  resnets_->add(resnet_options(c, channels, channels));
  if (!cross) return;
  auto transformer =
      transformer_options(c, c.levels.back(), c.levels.back().down_transformer_layers.front());
  transformer.only_cross_attention = false;  // the middle always has self-attention
  attentions_->add(transformer);
  resnets_->add(resnet_options(c, channels, channels));
}

at::Tensor CrossAttnMidBlock::forward(const at::Tensor& x, const layers::TimeCondition& time,
                                      const layers::AttentionContext& context) const {
  const auto hidden = (*resnets_)[0].forward(x, time);
  if (!attentions_) return hidden;
  return (*resnets_)[1].forward((*attentions_)[0].forward(hidden, context), time);
}

}  // namespace velatura::models
