#pragma once

// For the files that are compiled for AVX2: templates over types of theirs, so that nothing of it is shared with
// other files, whose processors may not have the instructions.

#include "ops/avx2.h"
#include "ops/matmul/matmul.h"
#include "ops/register_tile.h"

namespace velatura::ops {
namespace {

using Count = std::int64_t;

constexpr int vectors = 2;
constexpr Count lanes = Avx2Floats::lanes;
constexpr Count strip = MatmulKernel::strip;
static_assert(strip == vectors * lanes);

Count least(Count one, Count other) {
  return one < other ? one : other;
}

/// Rows of numbers, all so far apart.
template <class Number>
struct Rows {
  Number* first;
  Count stride;
  Rows from(Count row, Count column) const { return {first + (row * stride + column), stride}; }
};

template <class Element>
void widen(const Element* from, Count count, float* to) {
  Count i = 0;
  for (; i + lanes <= count; i += lanes) Avx2Floats::store(to + i, Avx2Floats::load_as(from + i));
  for (; i < count; ++i) to[i] = Avx2Floats::read(from[i]);
}

template <class Element>
void narrow(const float* from, Count count, Element* to) {
  Count i = 0;
  for (; i + lanes <= count; i += lanes) Avx2Floats::store_as(to + i, Avx2Floats::load(from + i));
  for (; i < count; ++i) Avx2Floats::write(from[i], to[i]);
}

/// Product has, for stretches of sums
///   longest_sum                numbers of one, at most
///   most_rows                  that are multiplied at once
///   scratch_size(rows)         floats
///   Product(scratch, rows)
///   take_rows<Element>(task, part, column, count)      a stretch of x
///   take_weights<Element>(task, strip, column, count)  that of a strip's weights
///   multiply<Number>(row, bias, y)         y [Number][strip] += the product of Number rows from `row` on, or
///                                          = bias + it, if bias is not null
template <class Product>
class Matmul {
 public:
  static constexpr MatmulKernel kernel() {
    return {Product::most_rows, multiply_part, scratch_size};
  }

 private:
  static Count scratch_size(const MatmulPart& part) {
    return part.strips * strip * (1 + part.rows) + Product::scratch_size(part.rows);
  }

  static void multiply_part(const MatmulTask& task, const MatmulPart& part, float* scratch) {
    with_element(task.element, [&](auto* element) { multiply_as(element, task, part, scratch); });
  }

  template <class Element>
  static void multiply_as(const Element*, const MatmulTask& task, const MatmulPart& part,
                          float* scratch) {
    // The bias, sums that are not float32 or no whole number of strips, and the rest.
    const Count width = part.strips * strip, first_column = part.first_strip * strip;
    Rows<float> sums{scratch + width, width};
    Product product(sums.first + part.rows * width, part.rows);
    auto* const y = static_cast<Element*>(task.y) + part.first_row * task.out + first_column;
    const Count columns = least(width, task.out - first_column);
    for (Count i = 0; i < width; ++i) scratch[i] = 0;
    if (task.bias != nullptr)
      widen(static_cast<const Element*>(task.bias) + first_column, columns, scratch);
    bool in_place = false;
    if constexpr (__is_same(Element, float)) {
      in_place = columns == width;
      if (in_place) sums = {y, task.out};
    }
    for (Count c = 0; c < task.in; c += Product::longest_sum) {
      const Count count = least(Product::longest_sum, task.in - c);
      product.template take_rows<Element>(task, part, c, count);
      for (Count s = 0; s < part.strips; ++s) {
        product.template take_weights<Element>(task, part.first_strip + s, c, count);
        multiply_rows(product, part.rows, c == 0 ? scratch + s * strip : nullptr,
                      sums.from(0, s * strip));
      }
    }
    if (in_place) return;
    for (Count row = 0; row < part.rows; ++row)
      narrow(sums.from(row, 0).first, columns, y + row * task.out);
  }

  static void multiply_rows(const Product& product, Count rows, const float* bias, Rows<float> y) {
    for (Count row = 0; row < rows; row += Product::most_rows) {
      with_number<Product::most_rows>(rows - row, [&](auto some) {
        product.template multiply<some.value>(row, bias, y.from(row, 0));
      });
    }
  }
};

}  // namespace
}  // namespace velatura::ops
