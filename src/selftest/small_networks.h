#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <span>

namespace velatura::selftest {

/// A network of an everyday shape but few channels, with weights and inputs from fill.h.
struct SmallNetwork {
  const char* name;
  /// Builds it and runs it once. @return all of its output, on the device, in the dtype
  at::Tensor (*output)(at::Device device, at::ScalarType dtype);
  /// The output on the CPU in float32, flattened, at as many evenly spaced places from the first.
  std::array<float, 6> figures;
};

/// The text encoder, the UNet and the VAE, in the order a picture passes through them.
std::span<const SmallNetwork> small_networks();

}  // namespace velatura::selftest
