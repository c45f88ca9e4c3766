#include "layers/linear.h"

#include "core/interruption.h"

namespace velatura::layers {

Linear::Linear(std::int64_t in_features, std::int64_t out_features, bool bias)
    : weight_(declare("weight", {out_features, in_features})) {
  if (bias) bias_ = declare("bias", {out_features});
}

at::Tensor Linear::forward(const at::Tensor& x) const {
  end_if_cancelled();
  return packed()(x);
}

const ops::PackedLinear& Linear::packed() const {
  return packed_.of(weight_, [&] { return ops::PackedLinear(weight_, bias_, form_); });
}

}  // namespace velatura::layers
