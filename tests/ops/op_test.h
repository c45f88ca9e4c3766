#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace velatura::ops {

inline at::Tensor random_tensor(at::IntArrayRef shape, std::uint64_t seed,
                                at::ScalarType dtype = at::kFloat) {
  at::Generator generator = at::globalContext().defaultGenerator(at::kCPU).clone();
  generator.set_current_seed(seed);
  return at::randn(shape, generator).to(dtype);
}

/// The largest difference between two tensors, relative to the largest value of the second. NaN if
/// either has one.
inline double relative_difference(const at::Tensor& actual, const at::Tensor& expected) {
  EXPECT_EQ(actual.sizes(), expected.sizes());
  const at::Tensor a = actual.to(at::kCPU, at::kDouble), e = expected.to(at::kCPU, at::kDouble);
  return ((a - e).abs().max() / e.abs().max()).item<double>();
}

/// That it gives these bits with one, two and three threads.
inline void expect_with_any_threads(const at::Tensor& bits, const auto& run) {
  const int threads = at::get_num_threads();
  for (const int others : {1, 2, 3}) {
    at::set_num_threads(others);
    EXPECT_TRUE(at::equal(run(), bits)) << others;
  }
  at::set_num_threads(threads);
}

}  // namespace velatura::ops
