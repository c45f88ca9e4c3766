#include "models/unet/cross_attn_mid_block.h"

namespace velatura::models {

using layers::ModuleList;
using layers::ResnetBlock2D;
using layers::Transformer2DModel;

CrossAttnMidBlock::CrossAttnMidBlock(const UNetConfig& c)
    : attentions_(child<ModuleList<Transformer2DModel>>("attentions")),
      resnets_(child<ModuleList<ResnetBlock2D>>("resnets")) {
  const std::int64_t channels = c.levels.back().channels;
  auto transformer = transformer_options(c, c.levels.back());
  transformer.only_cross_attention = false;  // the middle always has self-attention
  attentions_->add(transformer);
  resnets_->add(resnet_options(c, channels, channels));
  resnets_->add(resnet_options(c, channels, channels));
}

at::Tensor CrossAttnMidBlock::forward(const at::Tensor& x, const layers::TimeCondition& time,
                                      const layers::AttentionContext& context) const {
  const auto hidden = (*attentions_)[0].forward((*resnets_)[0].forward(x, time), context);
  return (*resnets_)[1].forward(hidden, time);
}

}  // namespace velatura::models
