#include "layers/resnet_block.h"

#include <ATen/ATen.h>

#include <utility>

#include "ops/add_bias_residual.h"

namespace velatura::layers {

ResnetBlock2D::ResnetBlock2D(const Options& o)
    : scale_shift_(o.scale_shift), resampling_(o.resampling) {
  const auto norm = [&](const char* name, std::int64_t channels) -> PlainOrSpatialNorm {
    if (o.latent_channels > 0)
      return {.plain = nullptr, .spatial = child<SpatialNorm>(name, channels, o.latent_channels)};
    return {.plain = child<GroupNorm>(name, o.groups, channels, o.eps), .spatial = nullptr};
  };
  norm1_ = norm("norm1", o.in_channels);
  norm2_ = norm("norm2", o.out_channels);
  if (resampling_ == Resampling::up) {
    upsampled_conv1_ = child<UpsampledConv2d>("conv1", o.in_channels, o.out_channels);
  } else {
    conv1_ = child<Conv2d>("conv1", o.in_channels, o.out_channels, 3, 1, 1);
  }
  conv2_ = child<Conv2d>("conv2", o.out_channels, o.out_channels, 3, 1, 1);
  if (o.temb_channels > 0) {
    time_emb_proj_ = child<Linear>("time_emb_proj", o.temb_channels,
                                   o.scale_shift ? 2 * o.out_channels : o.out_channels);
  }
  if (o.in_channels != o.out_channels) {
    conv_shortcut_ = child<Conv2d>("conv_shortcut", o.in_channels, o.out_channels, 1);
  }
}

at::Tensor ResnetBlock2D::time_addend(const at::Tensor& embedding) const {
  const Visit visit(*this);
  const at::Tensor bias = conv1_->bias().unsqueeze(0);
  return time_emb_proj_ ? bias + time_emb_proj_->forward(embedding) : bias;
}

// The same in as few kernels as there can be: what a convolution's bias is added to is read by the
// next one anyway.
at::Tensor ResnetBlock2D::forward_in_few(const at::Tensor& x, const TimeCondition& time) const {
  const at::Tensor addend = time.addends.defined()
                                ? time.addends.narrow(1, time_place_, out_channels())
                                : time_addend(time.embedding);
  const at::Tensor first = conv1_->forward_unbiased(norm1_.plain->forward_silu(x));
  at::Tensor second = conv2_->forward_unbiased(norm2_.plain->forward_silu(first, addend));
  return ops::add_bias_residual(std::move(second), conv2_->bias(),
                                conv_shortcut_ ? conv_shortcut_->forward(x) : x);
}

at::Tensor ResnetBlock2D::resampled(const at::Tensor& x) const {
  switch (resampling_) {
    case Resampling::down:
      return at::avg_pool2d(x, 2, 2);
    case Resampling::up:
      return at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    case Resampling::none:
      break;
  }
  return x;
}

at::Tensor ResnetBlock2D::first_convolution(const at::Tensor& normed) const {
  return upsampled_conv1_ ? upsampled_conv1_->forward(normed) : conv1_->forward(resampled(normed));
}

at::Tensor ResnetBlock2D::forward(at::Tensor x, const TimeCondition& time) const {
  const Visit visit(*this);
  if (x.is_cuda() && is_plain()) return forward_in_few(x, time);
  // The shortcut first: behind its first norm x is then not needed any more.
  at::Tensor shortcut = resampled(x);
  if (conv_shortcut_) shortcut = conv_shortcut_->forward(shortcut);
  at::Tensor hidden = first_convolution(norm1_.forward_silu(std::move(x), time.latents));
  if (time_emb_proj_) {
    const auto embedding = time_emb_proj_->forward(time.embedding).unsqueeze(-1).unsqueeze(-1);
    if (scale_shift_) {
      const auto parts = embedding.chunk(2, 1);  // 2 × [B, out, 1, 1]
      hidden = norm2_.forward(std::move(hidden), time.latents);
      hidden = at::silu_(hidden.mul_(1 + parts[0]).add_(parts[1]));
    } else {
      hidden = norm2_.forward_silu(std::move(hidden.add_(embedding)), time.latents);
    }
  } else {
    hidden = norm2_.forward_silu(std::move(hidden), time.latents);
  }
  return conv2_->forward(hidden).add_(shortcut);
}

}  // namespace velatura::layers
