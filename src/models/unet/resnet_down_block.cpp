#include "models/unet/resnet_down_block.h"

#include <ATen/ATen.h>

namespace velatura::models {

using layers::Downsample2D;
using layers::MapAttention;
using layers::ModuleList;
using layers::ResnetBlock2D;

ResnetDownBlock::ResnetDownBlock(const UNetConfig& c, std::size_t index, BlockAttention attention,
                                 BlockResampler resampler) {
  const UNetLevel& level = c.levels[index];
  const bool attends = attention != BlockAttention::none;
  if (attends) attentions_ = child<ModuleList<MapAttention>>("attentions");
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  for (std::int64_t i = 0; i < level.layers; ++i) {
    const std::int64_t in = i > 0 ? level.channels : c.levels[index > 0 ? index - 1 : 0].channels;
    resnets_->add(resnet_options(c, in, level.channels));
    if (!attends) continue;
    const auto depth = level.down_transformer_layers[static_cast<std::size_t>(i)];
    attentions_->append(make_attention(c, level, attention, depth));
  }
  if (index + 1 == c.levels.size()) return;
  if (resampler == BlockResampler::resnet) {
    resnet_downsamplers_ = child<ModuleList<ResnetBlock2D>>("downsamplers");
    resnet_downsamplers_->add(
        resnet_options(c, level.channels, level.channels, layers::Resampling::down));
  } else {
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
  if (downsamplers_ || resnet_downsamplers_) {
    x = downsamplers_ ? (*downsamplers_)[0].forward(x)
                      : (*resnet_downsamplers_)[0].forward(x, time);
    skips.push_back(x);
  }
  if (residual.defined() && !attentions_) skips.back() = x = x + residual;
  return x;
}

}  // namespace velatura::models
