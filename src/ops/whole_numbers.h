#pragma once

// For the files that are compiled for one instruction set each, as winograd_kernel.h.

#include <cstdint>

namespace velatura::ops {

/// Numbers as multiples of a scale.
struct WholeScale {
  float scale;  ///< not finite where one of the numbers is not
  float times;  ///< what they are to be multiplied by
};

/// That with which the largest of them becomes `largest`. @param from  [count], in whole vectors
template <class Isa>
WholeScale whole_scale(const float* from, std::int64_t count, float largest) {
  auto most = Isa::zero(), none = Isa::zero();
  for (std::int64_t i = 0; i < count; i += Isa::lanes) {
    const auto values = Isa::load(from + i);
    most = Isa::larger_size(most, values);
    none = Isa::multiply_add(values, Isa::zero(), none);
  }
  float sizes[Isa::lanes], nothings[Isa::lanes];
  Isa::store(sizes, most);
  Isa::store(nothings, none);
  float size = 0, nothing = 0;
  for (int lane = 0; lane < Isa::lanes; ++lane) {
    size = sizes[lane] > size ? sizes[lane] : size;
    nothing += nothings[lane];
  }
  return {size / largest + nothing, size > 1e-30f ? largest / size : 0};
}

}  // namespace velatura::ops
