#include "layers/resample.h"

#include "core/interruption.h"

namespace velatura::layers {

class Upsample2D::Conv : public Module {
 public:
  explicit Conv(std::int64_t channels)
      : weight_(declare("weight", {channels, channels, 3, 3})),
        bias_(declare("bias", {channels})) {}

  at::Tensor forward(const at::Tensor& x, at::IntArrayRef size) {
    end_if_cancelled();
    return packed()(x, size);
  }

  void pack_weights() override { packed(); }
  void forget_old_weights() override { packed_.forget_if_old(weight_); }

 private:
  const ops::PackedUpsample& packed() {
    return packed_.of(weight_, [&] { return ops::PackedUpsample(weight_, bias_); });
  }

  at::Tensor weight_, bias_;
  Packed<ops::PackedUpsample> packed_;
};

Downsample2D::Downsample2D(std::int64_t channels, std::int64_t padding)
    : padding_(padding), conv_(child<Conv2d>("conv", channels, channels, 3, 2, padding)) {}

at::Tensor Downsample2D::forward(const at::Tensor& x) const {
  return conv_->forward(padding_ == 0 ? at::constant_pad_nd(x, {0, 1, 0, 1}) : x);
}

Upsample2D::Upsample2D(std::int64_t channels) : conv_(child<Conv>("conv", channels)) {}

at::Tensor Upsample2D::forward(const at::Tensor& x, std::optional<at::IntArrayRef> size) const {
  const std::int64_t doubled[] = {2 * x.size(2), 2 * x.size(3)};
  return conv_->forward(x, size.value_or(doubled));
}

}  // namespace velatura::layers
