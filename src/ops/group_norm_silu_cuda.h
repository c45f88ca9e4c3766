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

/// Two floats of each channel, and some more, in the 48 KiB of shared memory that every GPU has.
constexpr int most_channels = 6080;
/// What is reckoned within a sample fits 32 bits.
constexpr std::int64_t most_rows = 1 << 28;

/// How many chunks a sample's rows are summed in.
int moment_chunks(int rows);

/// Puts group normalisation, and SiLU if asked for, on the stream: of small maps in one kernel, whose
/// blocks sum a few groups of a sample and normalise a part of their rows; of others in two, moments by chunk of rows, then their union and
/// the result. Everything is united in a fixed order, so that runs are bit-identical.
/// @param moments  scratch, [batch, moment_chunks(rows), groups, 2]
/// @pre            channels <= most_channels, rows <= most_rows
/// @return         the launches' error
cudaError_t launch(const GroupNorm& norm, float* moments, cudaStream_t stream);

}  // namespace velatura::ops::cuda
