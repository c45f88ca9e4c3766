#include "models/unet/resnet_up_block.h"

#include <algorithm>

namespace velatura::models {

using layers::ModuleList;
using layers::ResnetBlock2D;
using layers::Transformer2DModel;
using layers::Upsample2D;

ResnetUpBlock::ResnetUpBlock(const UNetConfig& c, std::size_t index, BlockAttention attention) {
  const UNetLevel& level = c.levels[index];
  const std::int64_t below = c.levels[std::min(index + 1, c.levels.size() - 1)].channels;
  const std::int64_t above = c.levels[index > 0 ? index - 1 : 0].channels;
  const bool cross = attention == BlockAttention::cross;
  if (cross) attentions_ = child<ModuleList<Transformer2DModel>>("attentions");
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  for (std::int64_t i = 0; i <= level.layers; ++i) {
    const std::int64_t in = i == 0 ? below : level.channels;
    const std::int64_t skip = i == level.layers ? above : level.channels;
    resnets_->add(resnet_options(c, in + skip, level.channels));
    if (!cross) continue;
    const auto depth = level.up_transformer_layers[static_cast<std::size_t>(i)];
    attentions_->add(transformer_options(c, level, depth));
  }
  if (index > 0) {
    upsamplers_ = child<ModuleList<Upsample2D>>("upsamplers");
    upsamplers_->add(level.channels);
  }
}

at::Tensor ResnetUpBlock::forward(at::Tensor x, const layers::TimeCondition& time,
                                  const layers::AttentionContext& context, Skips& skips) const {
  for (std::size_t i = 0; i < resnets_->size(); ++i) {
    x = (*resnets_)[i].forward(at::cat({x, skips.back()}, 1), time);
    skips.pop_back();
    if (attentions_) x = (*attentions_)[i].forward(x, context);
  }
  // Sizes that 2 does not divide were rounded up on the way down: the next skip knows the size.
  if (upsamplers_) x = (*upsamplers_)[0].forward(x, skips.back().sizes().slice(2));
  return x;
}

}  // namespace velatura::models
