#include "layers/conv2d.h"

namespace velatura::layers {

Conv2d::Conv2d(std::int64_t in_channels, std::int64_t out_channels, std::int64_t kernel_size,
               std::int64_t stride, std::int64_t padding, bool bias)
    : stride_(stride),
      padding_(padding),
      weight_(declare("weight", {out_channels, in_channels, kernel_size, kernel_size})) {
  if (bias) bias_ = declare("bias", {out_channels});
}

at::Tensor Conv2d::forward(const at::Tensor& x) const {
  if (!packed_) {
    packed_.emplace(weight_, bias_, std::array{stride_, stride_}, std::array{padding_, padding_},
                    x.sizes());
    if (packed_->owns_weight()) let_go(weight_);
  }
  return (*packed_)(x);
}

}  // namespace velatura::layers
