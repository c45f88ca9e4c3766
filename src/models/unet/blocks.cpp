#include "models/unet/blocks.h"

#include <utility>

namespace velatura::models {

using layers::Downsample2D;
using layers::ModuleList;
using layers::ResnetBlock2D;
using layers::Transformer2DModel;
using layers::Upsample2D;

namespace {

ResnetBlock2D::Options resnet_options(const UNetConfig& c, std::int64_t in, std::int64_t out) {
  return {.in_channels = in,
          .out_channels = out,
          .temb_channels = c.time_embedding_dim,
          .groups = c.norm_num_groups,
          .eps = c.norm_eps,
          .scale_shift = c.scale_shift};
}

Transformer2DModel::Options transformer_options(const UNetConfig& c, const UNetLevel& level) {
  return {.channels = level.channels,
          .heads = level.heads,
          .layers = level.transformer_layers,
          .cross_attention_dim = level.cross_attention_dim,
          .groups = c.norm_num_groups,
          .use_linear_projection = c.use_linear_projection,
          .only_cross_attention = level.only_cross_attention};
}

}  // namespace

UNetDownBlock::UNetDownBlock(const UNetConfig& c, std::size_t index) {
  const UNetLevel& level = c.levels[index];
  const bool cross = level.down == UNetBlockType::cross_attention;
  if (cross) attentions_ = child<ModuleList<Transformer2DModel>>("attentions");
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  for (std::int64_t i = 0; i < level.layers; ++i) {
    const std::int64_t in = i > 0 ? level.channels : c.levels[index > 0 ? index - 1 : 0].channels;
    resnets_->add(resnet_options(c, in, level.channels));
    if (cross) attentions_->add(transformer_options(c, level));
  }
  if (index + 1 < c.levels.size()) {
    downsamplers_ = child<ModuleList<Downsample2D>>("downsamplers");
    downsamplers_->add(level.channels, c.downsample_padding);
  }
}

at::Tensor UNetDownBlock::forward(at::Tensor x, const at::Tensor& temb, const at::Tensor& context,
                                  Skips& skips) const {
  for (std::size_t i = 0; i < resnets_->size(); ++i) {
    x = (*resnets_)[i].forward(x, temb);
    if (attentions_) x = (*attentions_)[i].forward(x, context);
    skips.push_back(x);
  }
  if (downsamplers_) {
    x = (*downsamplers_)[0].forward(x);
    skips.push_back(x);
  }
  return x;
}

UNetMidBlock::UNetMidBlock(const UNetConfig& c)
    : attentions_(child<ModuleList<Transformer2DModel>>("attentions")),
      resnets_(child<ModuleList<ResnetBlock2D>>("resnets")) {
  const std::int64_t channels = c.levels.back().channels;
  auto transformer = transformer_options(c, c.levels.back());
  transformer.only_cross_attention = false;  // the middle always has self-attention
  attentions_->add(transformer);
  resnets_->add(resnet_options(c, channels, channels));
  resnets_->add(resnet_options(c, channels, channels));
}

at::Tensor UNetMidBlock::forward(const at::Tensor& x, const at::Tensor& temb,
                                 const at::Tensor& context) const {
  const auto hidden = (*attentions_)[0].forward((*resnets_)[0].forward(x, temb), context);
  return (*resnets_)[1].forward(hidden, temb);
}

UNetUpBlock::UNetUpBlock(const UNetConfig& c, std::size_t index) {
  const UNetLevel& level = c.levels[index];
  const std::int64_t below = c.levels[std::min(index + 1, c.levels.size() - 1)].channels;
  const std::int64_t above = c.levels[index > 0 ? index - 1 : 0].channels;
  const bool cross = level.up == UNetBlockType::cross_attention;
  if (cross) attentions_ = child<ModuleList<Transformer2DModel>>("attentions");
  resnets_ = child<ModuleList<ResnetBlock2D>>("resnets");
  for (std::int64_t i = 0; i <= level.layers; ++i) {
    const std::int64_t in = i == 0 ? below : level.channels;
    const std::int64_t skip = i == level.layers ? above : level.channels;
    resnets_->add(resnet_options(c, in + skip, level.channels));
    if (cross) attentions_->add(transformer_options(c, level));
  }
  if (index > 0) {
    upsamplers_ = child<ModuleList<Upsample2D>>("upsamplers");
    upsamplers_->add(level.channels);
  }
}

at::Tensor UNetUpBlock::forward(at::Tensor x, const at::Tensor& temb, const at::Tensor& context,
                                Skips& skips) const {
  for (std::size_t i = 0; i < resnets_->size(); ++i) {
    x = (*resnets_)[i].forward(at::cat({x, skips.back()}, 1), temb);
    skips.pop_back();
    if (attentions_) x = (*attentions_)[i].forward(x, context);
  }
  // Sizes that 2 does not divide were rounded up on the way down: the next skip knows the size.
  if (upsamplers_) x = (*upsamplers_)[0].forward(x, skips.back().sizes().slice(2));
  return x;
}

}  // namespace velatura::models
