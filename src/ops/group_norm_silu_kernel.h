#pragma once

#include <cstdint>

namespace velatura::ops {

/// Adds each channel's sum and sum of squares over `rows` rows of x [rows, channels].
void add_moments(const float* x, std::int64_t rows, std::int64_t channels, double* sum,
                 double* sum_of_squares);
void add_moments(const std::uint16_t* bfloat16, std::int64_t rows, std::int64_t channels,
                 double* sum, double* sum_of_squares);

/// y = x · scale + shift by channel, then SiLU if asked for; x and y [rows, channels].
void scale_shift(const float* x, float* y, std::int64_t rows, std::int64_t channels,
                 const float* scale, const float* shift, bool silu);
void scale_shift(const std::uint16_t* bfloat16, std::uint16_t* y, std::int64_t rows,
                 std::int64_t channels, const float* scale, const float* shift, bool silu);

}  // namespace velatura::ops
