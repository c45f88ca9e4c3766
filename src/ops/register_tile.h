#pragma once

// For the files that are compiled for one instruction set each, as flash_kernel.h is.

#include <cstdint>

namespace velatura::ops {

template <int Number>
struct ConstantNumber {
  static constexpr int value = Number;
};

/// Calls it with the number, or Most if that is less, as a ConstantNumber. @pre number > 0
/// @param call  of a type of the calling file's own
template <int Most, class Call>
void with_number(std::int64_t number, const Call& call) {
  if constexpr (Most > 1) {
    if (number < Most) return with_number<Most - 1>(number, call);
  }
  call(ConstantNumber<Most>());
}

/// The heart of a matrix product: Rows times Vectors sums that stay in registers while `count` steps are added
/// to them.
///
/// Isa has
///   Packed          a packed value, `step` neighbours of which are multiplied and added at once
///   Vector          `lanes` floats; Unit, `lanes` times `step` packed values
///   zero, load_unit, broadcast_unit, dot            dot(a, b, sum): sum + a · b over `step` values
template <class Isa, int Rows, int Vectors>
struct RegisterTile {
  using Count = std::int64_t;
  using Packed = typename Isa::Packed;
  using Unit = typename Isa::Unit;

  typename Isa::Vector sums[Rows][Vectors];

  RegisterTile() {
#pragma GCC unroll 16
    for (int row = 0; row < Rows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sums[row][v] = Isa::zero();
    }
  }

  /// sums += a · b
  /// @param a  Rows rows that are row_stride apart, their steps a_step
  /// @param b  [count][Vectors] units
  __attribute__((always_inline)) void add_product(const Packed* a, Count row_stride, Count a_step,
                                                  const Packed* b, Count count) {
    // Five rows from the two pointers that processors can add a multiple of a stride to, so that no row needs
    // one of its own: with sixteen registers those of six rows would be fetched from memory at every step.
    constexpr int half = (Rows + 1) / 2;
    const Packed* lower = a + half * row_stride;
#pragma GCC unroll 4
    for (Count i = 0; i < count; ++i) {
      Unit units[Vectors];
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) units[v] = Isa::load_unit(b + v * Isa::lanes * Isa::step);
#pragma GCC unroll 16
      for (int row = 0; row < Rows; ++row) {
        const Unit of_row = Isa::broadcast_unit(row < half ? a + row * row_stride
                                                           : lower + (row - half) * row_stride);
#pragma GCC unroll 8
        for (int v = 0; v < Vectors; ++v) sums[row][v] = Isa::dot(of_row, units[v], sums[row][v]);
      }
      a += a_step;
      lower += a_step;
      b += Vectors * Isa::lanes * Isa::step;
    }
  }
};

}  // namespace velatura::ops
