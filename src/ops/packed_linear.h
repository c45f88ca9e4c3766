#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "ops/matmul/packed_matrix.h"

namespace velatura::ops {

/// at::linear with its weight laid out once, for velatura's kernel (PackedMatrix) or in the blocks in which oneDNN
/// computes; ATen lays it out anew at every call. It holds the only copy it needs: the caller may drop the weight.
/// Where that gains nothing (for oneDNN small weights in float32, other devices) it is at::linear.
class PackedLinear {
 public:
  /// @param weight  [out, in]
  /// @param bias    [out] or undefined
  PackedLinear(const at::Tensor& weight, at::Tensor bias, WeightForm form = WeightForm::plain);

  /// @param x  [..., in]
  /// @return   [..., out]
  at::Tensor operator()(const at::Tensor& x) const;

  /// False if the weight was laid out anew: the one given is not needed any more.
  bool holds(const at::Tensor& weight) const {
    return weight_.defined() && !weight_.is_mkldnn() && weight_.is_alias_of(weight);
  }

 private:
  std::optional<PackedMatrix> matrix_;  // or
  at::Tensor weight_, bias_;
};

}  // namespace velatura::ops
