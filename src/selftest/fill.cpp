#include "selftest/fill.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>

namespace velatura::selftest {
namespace {

// FNV-1a.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325u;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return value;
}

// SplitMix64 (Steele et al. 2014): the state moves on, its scrambled value is the result.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

at::Tensor values_for(const std::string& name, at::IntArrayRef shape) {
  const at::Tensor values = numbers(name, shape);
  if (shape.size() == 1) return 0.1 * values + (name.ends_with("weight") ? 1.0 : 0.0);
  const auto fan_in = static_cast<double>(values.numel() / shape[0]);
  return values * std::sqrt(2.0 / fan_in);
}

}  // namespace

at::Tensor numbers(std::string_view name, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape, at::kFloat);
  std::uint64_t state = hash(name);
  auto* const data = values.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    data[i] = static_cast<float>(next(state) >> 40) * 0x1p-23f - 1.0f;  // 24 bits, exact
  }
  return values;
}

void fill(layers::Module& module, at::Device device, at::ScalarType dtype) {
  for (auto& [name, tensor] : module.parameters()) {
    tensor.set_data(values_for(name, tensor.sizes()).to(device, dtype));
  }
}

}  // namespace velatura::selftest
