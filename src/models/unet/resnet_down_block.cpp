#include "models/unet/resnet_down_block.h"

namespace velatura::models {

using layers::Downsample2D;
using layers::ModuleList;
using layers::ResnetBlock2D;
using layers::Transformer2DModel;

ResnetDownBlock::ResnetDownBlock(const UNetConfig& c, std::size_t index, BlockAttention attention) {
  const UNetLevel& level = c.levels[index];
  const bool cross = attention == BlockAttention::cross;
  if (cross) attentions_ = child<ModuleList<Transformer2DModel>>("attentions");
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  for (std::int64_t i = 0; i < level.layers; ++i) {
    const std::int64_t in = i > 0 ? level.channels : c.levels[index > 0 ? index - 1 : 0].channels;
    resnets_->add(resnet_options(c, in, level.channels));
    if (!cross) continue;
    const auto depth = level.down_transformer_layers[static_cast<std::size_t>(i)];
    attentions_->add(transformer_options(c, level, depth));
  }
  if (index + 1 < c.levels.size()) {
    downsamplers_ = child<ModuleList<Downsample2D>>("downsamplers");
    downsamplers_->add(level.channels, c.downsample_padding);
  }
}

at::Tensor ResnetDownBlock::forward(at::Tensor x, const layers::TimeCondition& time,
                                    const layers::AttentionContext& context, Skips& skips,
                                    const at::Tensor& residual) const {
  for (std::size_t i = 0; i < resnets_->size(); ++i) {
    x = (*resnets_)[i].forward(x, time);
    if (attentions_) {
      x = (*attentions_)[i].forward(x, context);
      if (residual.defined() && i + 1 == resnets_->size()) x = x + residual;
    }
    skips.push_back(x);
  }
  if (downsamplers_) {
    x = (*downsamplers_)[0].forward(x);
    skips.push_back(x);
  }
  if (residual.defined() && !attentions_) skips.back() = x = x + residual;
  return x;
}

}  // namespace velatura::models
