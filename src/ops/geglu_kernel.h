#pragma once

#include <cstdint>

namespace velatura::ops {

/// out[i] = value[i] · GELU(gate[i]) for `size` neighbours.
void gate(const float* value, const float* gate, float* out, std::int64_t size);
void gate(const std::uint16_t* bfloat16, const std::uint16_t* gate, std::uint16_t* out,
          std::int64_t size);

}  // namespace velatura::ops
