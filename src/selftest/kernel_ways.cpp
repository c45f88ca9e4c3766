#include "selftest/kernel_ways.h"

#include "core/device.h"
#include "selftest/comparison.h"

namespace velatura::selftest {

double kernel_tolerance(at::ScalarType dtype, double exact) {
  return dtype == at::kFloat ? exact : dtype == at::kHalf ? 2e-3 : 1e-2;
}

Finding check_ways(const KernelWays& ways, c10::function_ref<KernelResult(at::ScalarType)> run) {
  std::string used;
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const KernelResult result = run(dtype);
    const std::string way = dtype_name(dtype) + " " + (result.is_ours ? ways.ours : ways.theirs);
    const Finding finding =
        compare(result.found, result.expected, kernel_tolerance(dtype, ways.exact));
    if (finding.outcome != Outcome::passed) return failed(way + ": " + finding.detail);
    used += (used.empty() ? "on the CPU " : ", ") + way;
  }
  return passed(used);
}

}  // namespace velatura::selftest
