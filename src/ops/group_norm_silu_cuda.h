#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "ops/type_cuda.h"

namespace velatura::ops::cuda {

struct GroupNorm {
  const void* x;        // [batch, rows, channels]
  void* y;              // [batch, rows, channels]
  const void* weight;   // [channels]
  const void* bias;     // [channels]
  const void* addend;   // added to x by channel; null: nothing is
  bool addend_of_each;  // [batch, channels], else [channels] for all
  Type type;            // of all five
  std::int64_t batch, rows;
  int channels, groups;
  float eps;
  bool silu;
};

/// How many chunks a sample's rows are summed in.
int moment_chunks(std::int64_t rows);

/// Puts group normalisation, and SiLU if asked for, on the stream: of small maps in one kernel, a
/// block for a few groups of a sample; of others in two, moments by chunk of rows, then their union and
/// the result. Everything is united in a fixed order, so that runs are bit-identical.
/// @param moments  scratch, [batch, moment_chunks(rows), groups, 2]
/// @return         the launches' error
cudaError_t launch(const GroupNorm& norm, float* moments, cudaStream_t stream);

}  // namespace velatura::ops::cuda
