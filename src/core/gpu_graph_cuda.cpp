// libvelatura_cuda_graph: CUDA graphs through libtorch, which keeps their memory apart. It is a library
// of its own because it needs libtorch's CUDA half to be linked, not only to be there.

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <c10/util/Exception.h>

#include "core/gpu_graph.h"

namespace velatura {
namespace {

class NoWarnings final : public c10::WarningHandler {
  void process(const c10::Warning& /*warning*/) override {}
};

class CudaGraph final : public GpuGraph {
 public:
  // On a stream of its own, as CUDA wants it, behind what the current one has queued. Memory that is kept
  // for a stream is used again on that stream only.
  CudaGraph(at::Device device, const std::function<void()>& work, const CudaGraph* beside)
      : stream_(beside != nullptr
                    ? beside->stream_
                    : c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())),
        memory_(beside != nullptr ? beside->memory_ : at::cuda::graph_pool_handle()) {
    const auto current = c10::cuda::getCurrentCUDAStream(device.index());
    current.synchronize();
    const c10::cuda::CUDAStreamGuard guard(stream_);
    graph_.capture_begin(memory_);
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
    NoWarnings none;  // that it is empty, say
    const c10::WarningUtils::WarningHandlerGuard guard(&none);
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {  // the first error says why
    }
  }

  c10::cuda::CUDAStream stream_;
  at::cuda::MempoolId_t memory_;
  at::cuda::CUDAGraph graph_;
};

}  // namespace
}  // namespace velatura

extern "C" __attribute__((visibility("default"))) velatura::GpuGraph* velatura_record_gpu_graph(
    at::Device device, const std::function<void()>& work, const velatura::GpuGraph* beside) {
  return new velatura::CudaGraph(device, work, static_cast<const velatura::CudaGraph*>(beside));
}
