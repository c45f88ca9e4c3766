#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace velatura {

/// Work that a GPU was given once and can be given again as a whole.
class GpuGraph {
 public:
  virtual ~GpuGraph() = default;
  /// Queues it. It reads and writes the same memory each time.
  virtual void replay() = 0;
};

/// Records what `work` queues on a GPU, without carrying it out. What it allocates is kept for the
/// graph. Opens libvelatura_cuda_graph the first time.
/// @param work    must not wait for the GPU, nor copy anything from or to pageable memory
/// @param beside  a graph that may be written over: what one of both has given is gone once the other is
///                replayed; null: none
/// @throws c10::Error if it cannot be recorded, or the library does not open; what `work` throws
std::unique_ptr<GpuGraph> record_gpu_graph(at::Device device, const std::function<void()>& work,
                                           const GpuGraph* beside = nullptr);

}  // namespace velatura
