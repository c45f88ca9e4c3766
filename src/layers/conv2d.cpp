#include "layers/conv2d.h"

#include "core/interruption.h"

namespace velatura::layers {

Conv2d::Conv2d(std::int64_t in_channels, std::int64_t out_channels, std::int64_t kernel_size,
               std::int64_t stride, std::int64_t padding, bool bias)
    : stride_(stride),
      padding_(padding),
      weight_(declare("weight", {out_channels, in_channels, kernel_size, kernel_size})) {
  if (bias) bias_ = declare("bias", {out_channels});
}

at::Tensor Conv2d::forward(const at::Tensor& x) const {
  end_if_cancelled();
  return packed(x.sizes())(x);
}

at::Tensor Conv2d::forward_unbiased(const at::Tensor& x) const {
  end_if_cancelled();
  return packed(x.sizes()).unbiased(x);
}

void Conv2d::pack_weights() {
  if (ops::PackedConv2d::suits_any_size(weight_, {stride_, stride_}, {padding_, padding_}, form_))
    packed(std::nullopt);
}

const ops::PackedConv2d& Conv2d::packed(at::OptionalIntArrayRef input_size) const {
  return packed_.of(weight_, [&] {
    return ops::PackedConv2d(weight_, bias_, {stride_, stride_}, {padding_, padding_}, input_size,
                             form_);
  });
}

}  // namespace velatura::layers
