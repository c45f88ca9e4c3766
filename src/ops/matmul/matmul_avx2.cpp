#include "ops/matmul/matmul.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#include "ops/matmul/matmul_kernel.h"

namespace velatura::ops {
namespace {

// Of floats; elements of other types are widened on their way.
class FloatProduct {
 public:
  static constexpr int most_rows = 6;
  static constexpr Count longest_sum = 160;  // is rounded so often before it is added to others

  static Count scratch_size(Count rows) { return longest_sum * (rows + strip); }
  FloatProduct(float* scratch, Count rows)
      : x_scratch_(scratch), weights_scratch_(scratch + rows * longest_sum) {}

  template <class Element>
  void take_rows(const MatmulTask& task, const MatmulPart& part, Count column, Count count) {
    const auto* const from =
        static_cast<const Element*>(task.x) + part.first_row * task.in + column;
    if constexpr (__is_same(Element, float)) {
      x_ = {from, task.in};
    } else {
      for (Count row = 0; row < part.rows; ++row)
        widen(from + row * task.in, count, x_scratch_ + row * longest_sum);
      x_ = {x_scratch_, longest_sum};
    }
  }

  template <class Element>
  void take_weights(const MatmulTask& task, Count of_strip, Count column, Count count) {
    const auto* const from =
        static_cast<const Element*>(task.weights) + (of_strip * task.in + column) * strip;
    count_ = count;
    if constexpr (__is_same(Element, float)) {
      weights_ = from;
    } else {
      widen(from, count * strip, weights_scratch_);
      weights_ = weights_scratch_;
    }
  }

  template <int Number>
  void multiply(Count first, const float* bias, Rows<float> y) const {
    RegisterTile<Avx2Floats, Number, vectors> tile;
    tile.add_product(x_.from(first, 0).first, x_.stride, 1, weights_, count_);
#pragma GCC unroll 16
    for (int row = 0; row < Number; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) {
        float* const to = y.first + row * y.stride + v * lanes;
        const float* const before = bias != nullptr ? bias + v * lanes : to;
        Avx2Floats::store(to, Avx2Floats::add(Avx2Floats::load(before), tile.sums[row][v]));
      }
    }
  }

 private:
  float *x_scratch_, *weights_scratch_;  // [rows][longest_sum], [longest_sum][strip]
  Rows<const float> x_{};
  const float* weights_ = nullptr;  // [count][strip]
  Count count_ = 0;
};

}  // namespace

const MatmulKernel* matmul_avx2() {
  static constexpr MatmulKernel kernel = Matmul<FloatProduct>::kernel();
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
