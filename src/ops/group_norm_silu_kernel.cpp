#include "ops/group_norm_silu_kernel.h"

#include "ops/vector_math.h"

namespace velatura::ops {
namespace {

template <class T>
[[gnu::always_inline]] inline void add_moments_of(const T* x, std::int64_t rows,
                                                  std::int64_t channels, double* __restrict sum,
                                                  double* __restrict sum_of_squares) {
  for (std::int64_t row = 0; row < rows; ++row, x += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const double value = to_float(x[c]);
      sum[c] += value;
      sum_of_squares[c] += value * value;
    }
  }
}

template <class T>
[[gnu::always_inline]] inline void scale_shift_of(const T* __restrict x, T* __restrict y,
                                                  std::int64_t rows, std::int64_t channels,
                                                  const float* __restrict scale,
                                                  const float* __restrict shift, bool with_silu) {
  for (std::int64_t row = 0; row < rows; ++row, x += channels, y += channels) {
    if (with_silu) {
      for (std::int64_t c = 0; c < channels; ++c)
        store(silu(to_float(x[c]) * scale[c] + shift[c]), y[c]);
    } else {
      for (std::int64_t c = 0; c < channels; ++c) store(to_float(x[c]) * scale[c] + shift[c], y[c]);
    }
  }
}

}  // namespace

VELATURA_VECTORIZED void add_moments(const float* x, std::int64_t rows, std::int64_t channels,
                                     double* sum, double* sum_of_squares) {
  add_moments_of(x, rows, channels, sum, sum_of_squares);
}

VELATURA_VECTORIZED void add_moments(const std::uint16_t* x, std::int64_t rows,
                                     std::int64_t channels, double* sum, double* sum_of_squares) {
  add_moments_of(x, rows, channels, sum, sum_of_squares);
}

VELATURA_VECTORIZED void scale_shift(const float* x, float* y, std::int64_t rows,
                                     std::int64_t channels, const float* scale, const float* shift,
                                     bool silu) {
  scale_shift_of(x, y, rows, channels, scale, shift, silu);
}

VELATURA_VECTORIZED void scale_shift(const std::uint16_t* x, std::uint16_t* y, std::int64_t rows,
                                     std::int64_t channels, const float* scale, const float* shift,
                                     bool silu) {
  scale_shift_of(x, y, rows, channels, scale, shift, silu);
}

}  // namespace velatura::ops
