#include <ATen/ATen.h>

#include "core/device.h"
#include "selftest/checks.h"
#include "selftest/comparison.h"

namespace velatura::selftest {
namespace {

// Rounding through some thirty layers: float32 adds in another order on another device, float16
// has 11 bits and bfloat16 has 8.
double network_tolerance(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
      return 1e-2;
    case at::kBFloat16:
      return 5e-2;
    default:
      return 1e-4;
  }
}

}  // namespace

Finding check_figures(const SmallNetwork& network) {
  const at::Tensor output = network.output(at::kCPU, at::kFloat).flatten();
  const auto count = static_cast<std::int64_t>(network.figures.size());
  const at::Tensor found =
      output.slice(0, 0, count * (output.numel() / count), output.numel() / count);
  return compare(found, at::tensor(at::ArrayRef<float>(network.figures)),
                 network_tolerance(at::kFloat));
}

Finding check_network(const SmallNetwork& network, at::Device device, at::ScalarType dtype) {
  if (device.is_cpu() && dtype == at::kFloat) return skipped("what the others are compared with");
  return compare(network.output(device, dtype), network.output(at::kCPU, at::kFloat),
                 network_tolerance(dtype));
}

Finding check_repeat(at::Device device) {
  const at::ScalarType dtype = choose_dtype(DType::automatic, device);
  for (const SmallNetwork& network : small_networks()) {
    if (!at::equal(network.output(device, dtype), network.output(device, dtype)))
      return failed(std::string("the ") + network.name + " gives other bits the second time");
  }
  return passed("twice the same bits in " + dtype_name(dtype));
}

}  // namespace velatura::selftest
