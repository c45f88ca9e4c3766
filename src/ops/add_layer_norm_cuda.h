#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "ops/type_cuda.h"

namespace velatura::ops::cuda {

/// Channels that a row of add_layer_norm may have: in shared memory as float32.
constexpr std::int64_t kMostNormedChannels = 3072;

struct AddLayerNorm {
  const void *x, *residual;   // [rows, channels]
  const void *weight, *bias;  // [channels]
  void *sum, *normed;         // [rows, channels]
  Type type;                  // of all six
  std::int64_t rows;
  int channels;
  float eps;
};

/// Puts sum = x + residual and its layer normalisation on the stream, a warp a row.
/// @return  the launch's error
cudaError_t launch(const AddLayerNorm& norm, cudaStream_t stream);

}  // namespace velatura::ops::cuda
