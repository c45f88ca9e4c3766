#pragma once

#include <cuda_runtime_api.h>

namespace velatura::ops::cuda {

/// What kernels of this room compute with; sums are in float32.
enum class Type { float32, float16, bfloat16 };

}  // namespace velatura::ops::cuda
