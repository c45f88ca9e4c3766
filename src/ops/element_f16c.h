#pragma once

// For files that are compiled with F16C, as avx2.h is.

#include <immintrin.h>

#include "ops/element.h"

namespace velatura::ops {
namespace {

/// Single elements as floats; back to the nearest, ties to even; NaN stays NaN.
struct SingleElements {
  static float read(float value) { return value; }
  static float read(Bfloat16 value) {
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(value.bits) << 16);
  }
  static float read(Float16 value) { return _cvtsh_ss(value.bits); }

  static void write(float value, float& to) { to = value; }
  static void write(float value, Bfloat16& to) {
    const auto bits = __builtin_bit_cast(std::uint32_t, value);
    const std::uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
    to.bits = static_cast<std::uint16_t>((value == value ? rounded : 0x7fc00000u) >> 16);
  }
  static void write(float value, Float16& to) {
    to.bits =
        static_cast<std::uint16_t>(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
};

}  // namespace
}  // namespace velatura::ops
