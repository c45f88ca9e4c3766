#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace velatura::ops::cuda {

enum class Type { float32, float16, bfloat16 };

struct GroupNorm {
  const void* x;       // [batch, rows, channels]
  void* y;             // [batch, rows, channels]
  const void* weight;  // [channels]
  const void* bias;    // [channels]
  Type type;           // of all four
  std::int64_t batch, rows;
  int channels, groups;
  float eps;
  bool silu;
};

/// How many chunks a sample's rows are summed in.
int moment_chunks(std::int64_t rows);

/// Puts group normalisation, and SiLU if asked for, on the stream. Two kernels: moments by chunk of
/// rows, then their union in a fixed order and the result, so that runs are bit-identical.
/// @param moments  scratch, [batch, moment_chunks(rows), groups, 2]
/// @return         the launches' error
cudaError_t launch(const GroupNorm& norm, float* moments, cudaStream_t stream);

}  // namespace velatura::ops::cuda
