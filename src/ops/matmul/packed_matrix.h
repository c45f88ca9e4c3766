#pragma once

#include <ATen/core/Tensor.h>

namespace velatura::ops {

/// at::linear on a CPU with AVX2 alone, by a kernel of its own (matmul.h), also in bfloat16 and float16, which such
/// a processor does not compute in: they are widened on their way into the product, and take no more time than
/// float32. Bits depend neither on threads nor on other rows. It holds the only copy of the weight it needs: the
/// caller may drop the one given.
class PackedMatrix {
 public:
  /// Whether it is made for the weight: its type, its device and this processor; on others libtorch's kernels
  /// are as fast. @param weight  [out, in]
  static bool suits(const at::Tensor& weight);

  /// @param weight  one that suits
  explicit PackedMatrix(const at::Tensor& weight);

  /// @param x     [..., in]
  /// @param bias  [out] or undefined
  /// @return      [..., out]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& bias) const;

 private:
  std::int64_t out_;
  at::Tensor weight_;  // [⌈out / strip⌉, in, strip]
};

}  // namespace velatura::ops
