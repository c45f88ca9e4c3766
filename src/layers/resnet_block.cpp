#include "layers/resnet_block.h"

#include <utility>

#include "ops/add_bias_residual.h"

namespace velatura::layers {

ResnetBlock2D::ResnetBlock2D(const Options& o)
    : scale_shift_(o.scale_shift),
      norm1_(child<GroupNorm>("norm1", o.groups, o.in_channels, o.eps)),
      norm2_(child<GroupNorm>("norm2", o.groups, o.out_channels, o.eps)),
      conv1_(child<Conv2d>("conv1", o.in_channels, o.out_channels, 3, 1, 1)),
      conv2_(child<Conv2d>("conv2", o.out_channels, o.out_channels, 3, 1, 1)) {
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
  const at::Tensor first = conv1_->forward_unbiased(norm1_->forward_silu(x));
  at::Tensor second = conv2_->forward_unbiased(norm2_->forward_silu(first, addend));
  return ops::add_bias_residual(std::move(second), conv2_->bias(),
                                conv_shortcut_ ? conv_shortcut_->forward(x) : x);
}

at::Tensor ResnetBlock2D::forward(const at::Tensor& x, const TimeCondition& time) const {
  const Visit visit(*this);
  if (x.is_cuda() && !scale_shift_) return forward_in_few(x, time);
  at::Tensor hidden = conv1_->forward(norm1_->forward_silu(x));
  if (time_emb_proj_) {
    const auto embedding = time_emb_proj_->forward(time.embedding).unsqueeze(-1).unsqueeze(-1);
    if (scale_shift_) {
      const auto parts = embedding.chunk(2, 1);  // 2 × [B, out, 1, 1]
      hidden = at::silu(norm2_->forward(hidden) * (1 + parts[0]) + parts[1]);
    } else {
      hidden = norm2_->forward_silu(hidden.add_(embedding));
    }
  } else {
    hidden = norm2_->forward_silu(hidden);
  }
  hidden = conv2_->forward(hidden);
  return hidden.add_(conv_shortcut_ ? conv_shortcut_->forward(x) : x);
}

}  // namespace velatura::layers
