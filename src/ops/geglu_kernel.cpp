#include "ops/geglu_kernel.h"

#include "ops/vector_math.h"

namespace velatura::ops {
namespace {

template <class T>
[[gnu::always_inline]] inline void gate_of(const T* __restrict value, const T* __restrict gate,
                                           T* __restrict out, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i)
    store(to_float(value[i]) * gelu(to_float(gate[i])), out[i]);
}

}  // namespace

VELATURA_VECTORIZED void gate(const float* value, const float* gate, float* out,
                              std::int64_t size) {
  gate_of(value, gate, out, size);
}

VELATURA_VECTORIZED void gate(const std::uint16_t* value, const std::uint16_t* gate,
                              std::uint16_t* out, std::int64_t size) {
  gate_of(value, gate, out, size);
}

}  // namespace velatura::ops
