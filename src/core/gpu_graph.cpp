#include "core/gpu_graph.h"

#include <dlfcn.h>

#include "core/cuda_libraries.h"

namespace velatura {
namespace {

using Record = GpuGraph*(at::Device, const std::function<void()>&, const GpuGraph*);

Record* find_record() {
  const OpenedLibrary& library = velatura_cuda_graph();
  TORCH_CHECK(library.open, library.why_not);
  void* const symbol = dlsym(RTLD_DEFAULT, "velatura_record_gpu_graph");
  TORCH_CHECK(symbol != nullptr, "libvelatura_cuda_graph.so lacks velatura_record_gpu_graph");
  return reinterpret_cast<Record*>(symbol);
}

}  // namespace

std::unique_ptr<GpuGraph> record_gpu_graph(at::Device device, const std::function<void()>& work,
                                           const GpuGraph* beside) {
  static Record* const record = find_record();
  return std::unique_ptr<GpuGraph>(record(device, work, beside));
}

}  // namespace velatura
