#pragma once

#include <bit>
#include <cstdint>

/// Arithmetic that the compiler turns into vector instructions: no branches, no calls. A function
/// marked VELATURA_VECTORIZED is compiled once for each level of instruction set and the loader
/// takes the best one the processor has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define VELATURA_VECTORIZED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VELATURA_VECTORIZED
#endif

namespace velatura::ops {

inline float to_float(float value) {
  return value;
}

/// @param bits  a bfloat16: the upper half of a float
inline float to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

inline void store(float value, float& out) {
  out = value;
}

/// Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
inline void store(float value, std::uint16_t& out) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  out = static_cast<std::uint16_t>((value == value ? rounded : 0x7fc00000u) >> 16);
}

/// e^x to 2e-7 relative for x in [-87, 88], outside held at the nearer end: x = n ln 2 + r, e^r by
/// its Taylor series on |r| ≤ ln 2 / 2, times 2^n in the exponent bits.
inline float exp_clamped(float x) {
  constexpr float round_to_integer = 0x1.8p23f;  // adding it leaves n in the low bits
  x = x < -87.f ? -87.f : x;
  x = x > 88.f ? 88.f : x;
  const float shifted = x * 0x1.715476p+0f + round_to_integer;
  const float n = shifted - round_to_integer;
  const float r = (x - n * 0x1.62ep-1f) - n * 0x1.0bfbe8p-15f;  // ln 2 in two parts
  float p = 1.f / 5040;
  p = p * r + 1.f / 720;
  p = p * r + 1.f / 120;
  p = p * r + 1.f / 24;
  p = p * r + 1.f / 6;
  p = p * r + 1.f / 2;
  p = p * r + 1.f;
  p = p * r + 1.f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) +
                              (std::bit_cast<std::uint32_t>(shifted) << 23));
}

/// x · sigmoid(x) (Hendrycks & Gimpel 2016; Elfwing et al. 2017).
inline float silu(float x) {
  return x / (1.f + exp_clamped(-x));
}

/// x · Φ(x), Φ the normal distribution (Hendrycks & Gimpel 2016), to 2e-7: with z = |x| / √2 and
/// t = 1 / (1 + z / 2), erfc(z) = t · exp(P(t) - z²), P fitted at Chebyshev nodes for z in [0, 10].
inline float gelu(float x) {
  const float z = (x < 0.f ? -x : x) * 0x1.6a09e6p-1f;
  const float t = 1.f / (1.f + 0.5f * z);
  float p = 0.14493021f;
  p = p * t - 0.68082718f;
  p = p * t + 1.15673376f;
  p = p * t - 0.6962519f;
  p = p * t - 0.08028043f;
  p = p * t + 0.00126759f;
  p = p * t + 0.0346028f;
  p = p * t + 0.38664041f;
  p = p * t + 0.99863278f;
  p = p * t - 1.265448f;
  const float tail = 0.5f * t * exp_clamped(p - z * z);
  return x * (x < 0.f ? tail : 1.f - tail);
}

}  // namespace velatura::ops
