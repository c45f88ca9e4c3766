#include "layers/linear.h"

namespace velatura::layers {
namespace {

// Packing costs as much as a few plain calls: a text encoder, used twice, is better left alone.
constexpr int kPlainUses = 2;

}  // namespace

Linear::Linear(std::int64_t in_features, std::int64_t out_features, bool bias)
    : weight_(declare("weight", {out_features, in_features})) {
  if (bias) bias_ = declare("bias", {out_features});
}

at::Tensor Linear::forward(const at::Tensor& x) const {
  if (uses_ < kPlainUses) {
    ++uses_;
    return at::linear(x, weight_, bias_);
  }
  if (!packed_) {
    packed_.emplace(weight_, bias_);
    if (packed_->owns_weight()) let_go(weight_);
  }
  return (*packed_)(x);
}

}  // namespace velatura::layers
