#pragma once

#include <ATen/core/Tensor.h>

#include "ops/int8_weight.h"

namespace velatura::ops {

/// at::linear on a CPU by kernels of its own (matmul.h): with AVX2 alone, also in bfloat16 and float16, which such
/// a processor does not compute in: they are widened on their way into the product, and take no more time than
/// float32. With weights that are held as int8 wherever there is AVX2, in all these types. Bits depend neither on
/// threads nor on other rows. It holds the only copy of the weight it needs: the caller may drop the one given.
class PackedMatrix {
 public:
  /// Whether it is made for the weight: its type, its device and this processor; on others libtorch's kernels
  /// are as fast. @param weight  [out, in]
  static bool suits(const at::Tensor& weight, WeightForm form = WeightForm::plain);

  /// @param weight  one that suits
  explicit PackedMatrix(const at::Tensor& weight, WeightForm form = WeightForm::plain);

  /// @param x     [..., in]
  /// @param bias  [out] or undefined
  /// @return      [..., out]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& bias) const;

 private:
  std::int64_t in_, out_;
  at::ScalarType type_;
  at::Tensor weight_;  // [⌈out / strip⌉, in, strip], or as int8 [⌈out / strip⌉, ⌈in / 2⌉, strip, 2]
  at::Tensor scales_;  // of int8, [⌈out / strip⌉ · strip]
};

}  // namespace velatura::ops
