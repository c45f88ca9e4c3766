#include "ops/matmul/matmul.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#include "ops/avx2.h"
#include "ops/register_tile.h"

namespace velatura::ops {
namespace {

using Isa = Avx2Floats;
using Count = std::int64_t;

constexpr int vectors = 2;
constexpr Count lanes = Isa::lanes;
constexpr Count strip = MatmulKernel::strip;
static_assert(strip == vectors * lanes);
constexpr int most_rows = 6;
constexpr Count longest_sum = 160;  // is rounded so often before it is added to others

Count least(Count one, Count other) {
  return one < other ? one : other;
}

/// Floats that rows of a matrix begin with.
template <class Pointer>
struct Rows {
  Pointer first;
  Count stride;
  Rows from(Count row, Count column) const { return {first + (row * stride + column), stride}; }
};

template <class Element>
void widen(const Element* from, Count count, float* to) {
  Count i = 0;
  for (; i + lanes <= count; i += lanes) Isa::store(to + i, Isa::load_as(from + i));
  for (; i < count; ++i) to[i] = Isa::read(from[i]);
}

template <class Element>
void narrow(const float* from, Count count, Element* to) {
  Count i = 0;
  for (; i + lanes <= count; i += lanes) Isa::store_as(to + i, Isa::load(from + i));
  for (; i < count; ++i) Isa::write(from[i], to[i]);
}

// A stretch of the sums over columns of x, in float32, of some rows and a strip of columns.
struct Stretch {
  const float* weights;  // [count][strip]
  Count count;
  const float* bias;  // of the strip for the first stretch; null: it is added to what y holds
};

template <int Number>
void multiply(Rows<const float*> x, const Stretch& stretch, Rows<float*> y) {
  RegisterTile<Isa, Number, vectors> tile;
  tile.add_product(x.first, x.stride, 1, stretch.weights, stretch.count);
#pragma GCC unroll 16
  for (int row = 0; row < Number; ++row) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) {
      float* const to = y.first + row * y.stride + v * lanes;
      const float* const before = stretch.bias != nullptr ? stretch.bias + v * lanes : to;
      Isa::store(to, Isa::add(Isa::load(before), tile.sums[row][v]));
    }
  }
}

void multiply_rows(Count rows, Rows<const float*> x, const Stretch& stretch, Rows<float*> y) {
  for (Count row = 0; row < rows; row += most_rows) {
    with_number<most_rows>(rows - row, [&](auto some) {
      multiply<some.value>(x.from(row, 0), stretch, y.from(row, 0));
    });
  }
}

// Where the bias is held meanwhile, and what is not float32 or no whole number of strips.
struct Scratch {
  float* bias;     // [strips * strip]
  float* x;        // [rows][longest_sum]
  float* weights;  // [longest_sum][strip]
  float* sums;     // [rows][strips * strip]
};

Count scratch_size(const MatmulPart& part) {
  return part.strips * strip * (1 + part.rows) + longest_sum * (part.rows + strip);
}

Rows<const float*> stretch_of_rows(const float* x, const MatmulTask& task, const MatmulPart&, Count,
                                   const Scratch&) {
  return {x, task.in};
}

template <class Element>
Rows<const float*> stretch_of_rows(const Element* x, const MatmulTask& task, const MatmulPart& part,
                                   Count count, const Scratch& scratch) {
  for (Count row = 0; row < part.rows; ++row)
    widen(x + row * task.in, count, scratch.x + row * longest_sum);
  return {scratch.x, longest_sum};
}

const float* stretch_of_weights(const float* weights, Count, const Scratch&) {
  return weights;
}

template <class Element>
const float* stretch_of_weights(const Element* weights, Count count, const Scratch& scratch) {
  widen(weights, count * strip, scratch.weights);
  return scratch.weights;
}

template <class Element>
void multiply_as(const Element*, const MatmulTask& task, const MatmulPart& part, float* memory) {
  float* const x_at = memory + part.strips * strip;
  float* const weights_at = x_at + part.rows * longest_sum;
  const Scratch scratch{memory, x_at, weights_at, weights_at + longest_sum * strip};
  const Count first_column = part.first_strip * strip;
  auto* const y = static_cast<Element*>(task.y) + part.first_row * task.out + first_column;
  Rows<float*> sums{scratch.sums, part.strips * strip};
  const Count columns = least(sums.stride, task.out - first_column);
  for (Count i = 0; i < sums.stride; ++i) scratch.bias[i] = 0;
  if (task.bias != nullptr)
    widen(static_cast<const Element*>(task.bias) + first_column, columns, scratch.bias);
  bool in_place = false;
  if constexpr (__is_same(Element, float)) {
    in_place = columns == sums.stride;
    if (in_place) sums = {y, task.out};
  }
  for (Count c = 0; c < task.in; c += longest_sum) {
    const Count count = least(longest_sum, task.in - c);
    const auto x =
        stretch_of_rows(static_cast<const Element*>(task.x) + part.first_row * task.in + c, task,
                        part, count, scratch);
    for (Count s = 0; s < part.strips; ++s) {
      const auto* const weights = static_cast<const Element*>(task.weights) +
                                  ((part.first_strip + s) * task.in + c) * strip;
      const float* const bias = c == 0 ? scratch.bias + s * strip : nullptr;
      multiply_rows(part.rows, x, {stretch_of_weights(weights, count, scratch), count, bias},
                    sums.from(0, s * strip));
    }
  }
  if (in_place) return;
  for (Count row = 0; row < part.rows; ++row)
    narrow(sums.from(row, 0).first, columns, y + row * task.out);
}

void multiply_part(const MatmulTask& task, const MatmulPart& part, float* scratch) {
  with_element(task.element, [&](auto* element) { multiply_as(element, task, part, scratch); });
}

}  // namespace

const MatmulKernel* matmul_avx2() {
  static constexpr MatmulKernel kernel{most_rows, multiply_part, scratch_size};
  return &kernel;
}

}  // namespace velatura::ops

#else

namespace velatura::ops {

const MatmulKernel* matmul_avx2() {
  return nullptr;
}

}  // namespace velatura::ops

#endif
