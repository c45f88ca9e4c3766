#include <ATen/ATen.h>

#include "core/cuda_driver.h"
#include "core/cuda_libraries.h"
#include "core/gpu_graph.h"
#include "core/text.h"
#include "ops/group_norm_silu.h"
#include "selftest/checks.h"
#include "selftest/comparison.h"
#include "selftest/fill.h"

namespace velatura::selftest {
namespace {

constexpr double kKernelTolerance = 1e-5;
constexpr std::int64_t kChannels = 64, kGroups = 8;

Finding no_gpu() {
  return skipped(has_nvidia_driver() ? "the CPU was chosen, see --device"
                                     : "there is no NVIDIA driver on this machine");
}

}  // namespace

Finding check_gpu_kernels(at::Device device) {
  if (!device.is_cuda()) return no_gpu();
  if (!velatura_cuda_is_built())
    return skipped("velatura's kernels are not built, libtorch's are used");
  if (!velatura_cuda().open)
    return failed("velatura's kernels do not open: " + velatura_cuda().why_not);
  const auto norm = [](at::Device where) {
    const at::Tensor x = numbers("x", {2, kChannels, 16, 16});
    return ops::group_norm_silu(x.to(where).contiguous(at::MemoryFormat::ChannelsLast), kGroups,
                                numbers("weight", {kChannels}).to(where),
                                numbers("bias", {kChannels}).to(where), 1e-5, true);
  };
  return compare(norm(device), norm(at::kCPU), kKernelTolerance);
}

// Replayed with another input than the one it was recorded with.
Finding check_gpu_graph(at::Device device) {
  if (!device.is_cuda()) return no_gpu();
  const at::Tensor x = numbers("x", {2, kChannels});
  at::Tensor in = at::zeros_like(x, x.options().device(device)), out;
  const auto work = [&] { out = at::mm(at::silu(in), in.t()); };
  work();  // makes what may not be made while recording
  std::unique_ptr<GpuGraph> graph;
  try {
    graph = record_gpu_graph(device, work);
  } catch (const c10::Error& error) {
    return skipped("steps are not queued as graphs: " + first_line(error.what_without_backtrace()));
  }
  in.copy_(x);
  graph->replay();
  return compare(out, at::mm(at::silu(x), x.t()), kKernelTolerance);
}

}  // namespace velatura::selftest
