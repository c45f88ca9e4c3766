// libvelatura_cuda_graph: CUDA graphs through libtorch, which keeps their memory apart. It is a library
// of its own because it needs libtorch's CUDA half to be linked, not only to be there.

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "core/gpu_graph.h"

namespace velatura {
namespace {

class CudaGraph final : public GpuGraph {
 public:
  // On a stream of its own, as CUDA wants it, behind what the current one has queued.
  CudaGraph(at::Device device, const std::function<void()>& work) {
    const auto current = c10::cuda::getCurrentCUDAStream(device.index());
    current.synchronize();
    const c10::cuda::CUDAStreamGuard guard(
        c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index()));
    graph_.capture_begin();
    try {
      work();
    } catch (...) {
      end_broken();
      throw;
    }
    graph_.capture_end();
  }
  void replay() override { graph_.replay(); }

 private:
  void end_broken() noexcept {
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {  // the first error says why
    }
  }

  at::cuda::CUDAGraph graph_;
};

}  // namespace
}  // namespace velatura

extern "C" __attribute__((visibility("default"))) std::unique_ptr<velatura::GpuGraph>
velatura_record_gpu_graph(at::Device device, const std::function<void()>& work) {
  return std::make_unique<velatura::CudaGraph>(device, work);
}
