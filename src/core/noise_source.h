#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace velatura {

/// One picture's stream of random numbers: that of torch.Generator("cpu").manual_seed(seed),
/// whatever the device the picture is made on. Copies read on in the same stream.
class NoiseSource {
 public:
  explicit NoiseSource(std::uint64_t seed);

  /// Standard normal numbers, float32, on the CPU; equal to torch.randn(shape, generator=…).
  at::Tensor normal(at::IntArrayRef shape);

 private:
  at::Generator generator_;
};

}  // namespace velatura
