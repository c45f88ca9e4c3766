#include <ATen/ATen.h>

#include "core/cuda_driver.h"
#include "core/cuda_libraries.h"
#include "ops/group_norm_silu.h"
#include "selftest/checks.h"
#include "selftest/comparison.h"
#include "selftest/fill.h"

namespace velatura::selftest {
namespace {

constexpr double kTolerance = 1e-5;
constexpr std::int64_t kChannels = 64, kGroups = 8;

}  // namespace

Finding check_gpu_kernels(at::Device device) {
  if (!device.is_cuda()) {
    return skipped(has_nvidia_driver() ? "the CPU was chosen, see --device"
                                       : "there is no NVIDIA driver on this machine");
  }
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
  return compare(norm(device), norm(at::kCPU), kTolerance);
}

}  // namespace velatura::selftest
