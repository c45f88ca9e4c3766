#include "models/unet/resnet_up_block.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace velatura::models {

using layers::MapAttention;
using layers::ModuleList;
using layers::ResnetBlock2D;
using layers::Upsample2D;

ResnetUpBlock::ResnetUpBlock(const UNetConfig& c, std::size_t index, BlockAttention attention,
                             BlockResampler resampler) {
  const UNetLevel& level = c.levels[index];
  const std::int64_t below = c.levels[std::min(index + 1, c.levels.size() - 1)].channels;
  const std::int64_t above = c.levels[index > 0 ? index - 1 : 0].channels;
  const bool attends = attention != BlockAttention::none;
  if (attends) attentions_ = child<ModuleList<MapAttention>>("attentions");
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  for (std::int64_t i = 0; i <= level.layers; ++i) {
    const std::int64_t in = i == 0 ? below : level.channels;
    const std::int64_t skip = i == level.layers ? above : level.channels;
    resnets_->add(resnet_options(c, in + skip, level.channels));
    if (!attends) continue;
    const auto depth = level.up_transformer_layers[static_cast<std::size_t>(i)];
    attentions_->append(make_attention(c, level, attention, depth));
  }
  if (index == 0) return;
  if (resampler == BlockResampler::resnet) {
    resnet_upsamplers_ = child<ModuleList<ResnetBlock2D>>("upsamplers");
    resnet_upsamplers_->add(
        resnet_options(c, level.channels, level.channels, layers::Resampling::up));
  } else {
    upsamplers_ = child<ModuleList<Upsample2D>>("upsamplers");
    upsamplers_->add(level.channels);
  }
}

at::Tensor ResnetUpBlock::forward(at::Tensor x, const layers::TimeCondition& time,
                                  const layers::AttentionContext& context, Skips& skips) const {
  for (std::size_t i = 0; i < resnets_->size(); ++i) {
    x = at::cat({x, skips.back()}, 1);
    skips.pop_back();
    x = (*resnets_)[i].forward(std::move(x), time);
    if (attentions_) x = (*attentions_)[i].forward(x, context);
  }
  // Sizes that 2 does not divide were rounded up on the way down: the next skip knows the size.
  if (upsamplers_) x = (*upsamplers_)[0].forward(x, skips.back().sizes().slice(2));
  if (resnet_upsamplers_) x = (*resnet_upsamplers_)[0].forward(std::move(x), time);
  return x;
}

}  // namespace velatura::models
