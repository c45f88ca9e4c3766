#include <ATen/ATen.h>

#include <cmath>

#include "core/device.h"
#include "ops/attention/attention.h"
#include "selftest/checks.h"
#include "selftest/comparison.h"
#include "selftest/fill.h"
#include "selftest/kernel_ways.h"

namespace velatura::selftest {
namespace {

constexpr std::int64_t kHeads = 2, kWidth = 40;

// Of the same inputs in float64, one formula.
at::Tensor softmax_of(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const auto split = [](const at::Tensor& x) {
    return x.to(at::kDouble).unflatten(-1, {kHeads, kWidth}).transpose(1, 2);
  };
  const at::Tensor scores = split(q).matmul(split(k).transpose(2, 3)).mul(1 / std::sqrt(kWidth));
  return at::softmax(scores, -1).matmul(split(v)).transpose(1, 2).flatten(2);
}

}  // namespace

Finding check_attention(at::Device) {
  std::string used;
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const auto input = [dtype](const char* name, std::int64_t tokens) {
      return numbers(name, {2, tokens, kHeads * kWidth}).mul(2).to(dtype);
    };
    const at::Tensor q = input("q", 100), k = input("k", 77), v = input("v", 77);
    const at::Tensor expected = softmax_of(q, k, v);
    for (const ops::AttentionKernel kernel : ops::available_attention_kernels(dtype)) {
      const Finding finding = compare(ops::attention_by(kernel, q, k, v, kHeads), expected,
                                      kernel_tolerance(dtype, 1e-6));
      if (finding.outcome != Outcome::passed) {
        return failed(std::string(ops::name_of(kernel)) + " in " + dtype_name(dtype) + ": " +
                      finding.detail);
      }
    }
    used += (used.empty() ? "" : ", ") + dtype_name(dtype) + " by " +
            ops::name_of(ops::attention_kernel(dtype, kWidth));
  }
  return passed("on the CPU " + used);
}

}  // namespace velatura::selftest
