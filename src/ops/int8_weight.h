#pragma once

#include <ATen/core/Tensor.h>

namespace velatura::ops {

/// How a layer's weight is held.
enum class WeightForm {
  plain,  ///< in its own type
  int8,   ///< as an Int8Weight where velatura's kernels compute with it, else plain
};

/// A weight [out, …] as whole numbers from -127 to 127 and, for each output channel, what they are to be
/// multiplied by: its largest value over 127. Not finite where a number of the channel is not.
struct Int8Weight {
  at::Tensor numbers;  ///< int8, as the weight
  at::Tensor scales;   ///< [out] float32
};

Int8Weight to_int8(const at::Tensor& weight);

/// What it stands for, in float64.
at::Tensor from_int8(const Int8Weight& weight);

/// Whether this processor and velatura's kernels compute with weights that are held as int8.
bool computes_with_int8();

}  // namespace velatura::ops
