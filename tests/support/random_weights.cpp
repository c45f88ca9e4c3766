#include "support/random_weights.h"

#include <cmath>

#include "core/noise_source.h"

namespace velatura::testing {
namespace {

std::uint32_t fnv1a(const std::string& name) {
  std::uint32_t value = 0x811C9DC5u;
  for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 0x01000193u;
  return value;
}

}  // namespace

void randomise(layers::Module& module, double gain, const std::string& prefix) {
  for (auto& [name, parameter] : module.parameters()) {
    const auto noise = normal(fnv1a(prefix + name), parameter.sizes());
    if (parameter.dim() == 0) {
      parameter.set_data(noise);
    } else if (parameter.dim() == 1) {
      parameter.set_data(0.1 * noise + (name.ends_with("weight") ? 1.0 : 0.0));
    } else {
      const auto fan_in = static_cast<double>(parameter.numel() / parameter.size(0));
      parameter.set_data(noise * (gain / std::sqrt(fan_in)));
    }
  }
}

at::Tensor normal(std::uint64_t seed, at::IntArrayRef shape) {
  return NoiseSource(seed).normal(shape);
}

}  // namespace velatura::testing
