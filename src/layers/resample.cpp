#include "layers/resample.h"

#include <ATen/ATen.h>

#include "core/interruption.h"

namespace velatura::layers {

Downsample2D::Downsample2D(std::int64_t channels, std::int64_t padding)
    : padding_(padding), conv_(child<Conv2d>("conv", channels, channels, 3, 2, padding)) {}

at::Tensor Downsample2D::forward(const at::Tensor& x) const {
  return conv_->forward(padding_ == 0 ? at::constant_pad_nd(x, {0, 1, 0, 1}) : x);
}

UpsampledConv2d::UpsampledConv2d(std::int64_t in_channels, std::int64_t out_channels)
    : weight_(declare("weight", {out_channels, in_channels, 3, 3})),
      bias_(declare("bias", {out_channels})) {}

at::Tensor UpsampledConv2d::forward(const at::Tensor& x,
                                    std::optional<at::IntArrayRef> size) const {
  end_if_cancelled();
  const std::int64_t doubled[] = {2 * x.size(2), 2 * x.size(3)};
  return packed(x.sizes())(x, size.value_or(doubled));
}

const ops::PackedUpsample& UpsampledConv2d::packed(at::OptionalIntArrayRef input_size) const {
  return packed_.of(weight_,
                    [&] { return ops::PackedUpsample(weight_, bias_, input_size, form_); });
}

}  // namespace velatura::layers
