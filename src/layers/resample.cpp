#include "layers/resample.h"

namespace velatura::layers {

Downsample2D::Downsample2D(std::int64_t channels, std::int64_t padding)
    : padding_(padding), conv_(child<Conv2d>("conv", channels, channels, 3, 2, padding)) {}

at::Tensor Downsample2D::forward(const at::Tensor& x) const {
  return conv_->forward(padding_ == 0 ? at::constant_pad_nd(x, {0, 1, 0, 1}) : x);
}

Upsample2D::Upsample2D(std::int64_t channels)
    : conv_(child<Conv2d>("conv", channels, channels, 3, 1, 1)) {}

at::Tensor Upsample2D::forward(const at::Tensor& x, std::optional<at::IntArrayRef> size) const {
  const std::int64_t doubled[] = {2 * x.size(2), 2 * x.size(3)};
  return conv_->forward(at::upsample_nearest2d(x, size.value_or(doubled)));
}

}  // namespace velatura::layers
