#include "ops/matmul/matmul.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#include "ops/matmul/matmul_kernel.h"
#include "ops/whole_numbers.h"

namespace velatura::ops {
namespace {

constexpr int rows_at_once = 4;
constexpr Count longest_stretch = 320;
constexpr std::int16_t kLargest = 32767;
static_assert(longest_stretch % lanes == 0 && longest_stretch * 127 * kLargest <= 0x7fffffff,
              "its sums are exact");

// x as whole numbers, for each row and stretch as multiples of a scale of its own.
struct Rounded {
  explicit Rounded(const MatmulTask& task)
      : columns((task.in + lanes - 1) / lanes * lanes),
        scales(task.rounded),
        numbers(reinterpret_cast<std::int16_t*>(scales + scale_count(task))) {}
  static Count scale_count(const MatmulTask& task) {
    return (task.in + longest_stretch - 1) / longest_stretch * task.rows;
  }

  Count columns;  // with zeros at the end
  float* scales;  // [⌈in / longest_stretch⌉][rows]; not finite where a number of the stretch is not
  std::int16_t* numbers;  // [⌈rows / rows_at_once⌉][columns / 2][rows_at_once][2]
};

Count rounded_size(const MatmulTask& task) {
  const Count groups = (task.rows + rows_at_once - 1) / rows_at_once;
  return Rounded::scale_count(task) + groups * rows_at_once * Rounded(task).columns / 2;
}

// @param from  [count], zeros up to a whole vector @param to  its first pair @return  the scale
float round_stretch(const float* from, Count count, std::int16_t* to) {
  const WholeScale by = whole_scale<Avx2Floats>(from, count, kLargest);
  const auto times = Avx2Floats::broadcast(by.times);
  for (Count i = 0; i < count; i += lanes) {
    std::int32_t pairs[lanes / 2];
    Avx2Pairs::store_whole(reinterpret_cast<std::int16_t*>(pairs),
                           _mm256_mul_ps(Avx2Floats::load(from + i), times));
    for (Count pair = 0; pair < lanes / 2; ++pair)
      __builtin_memcpy(to + (i / 2 + pair) * 2 * rows_at_once, pairs + pair, sizeof pairs[pair]);
  }
  return by.scale;
}

void round_groups(const MatmulTask& task, Count begin, Count end) {
  const Rounded rounded(task);
  with_element(task.element, [&](auto* element) {
    const auto* const x = static_cast<decltype(element)>(task.x);
    float stretch[longest_stretch];
    for (Count row = begin * rows_at_once; row < least(task.rows, end * rows_at_once); ++row) {
      std::int16_t* const to = rounded.numbers +
                               row / rows_at_once * rows_at_once * rounded.columns +
                               row % rows_at_once * 2;
      for (Count c = 0; c < task.in; c += longest_stretch) {
        const Count count = least(longest_stretch, task.in - c);
        widen(x + row * task.in + c, count, stretch);
        for (Count i = count; i % lanes != 0; ++i) stretch[i] = 0;
        rounded.scales[c / longest_stretch * task.rows + row] =
            round_stretch(stretch, count, to + c * rows_at_once);
      }
    }
  });
}

class Int8Product {
 public:
  static constexpr int most_rows = rows_at_once;
  static constexpr Count longest_sum = longest_stretch;

  static Count scratch_size(Count) { return longest_sum * strip / 2; }
  Int8Product(float* scratch, Count) : weights_(reinterpret_cast<std::int16_t*>(scratch)) {}

  template <class Element>
  void take_rows(const MatmulTask& task, const MatmulPart& part, Count column, Count) {
    const Rounded x(task);
    x_ = {x.numbers + part.first_row * x.columns + column * most_rows, x.columns};
    x_scales_ = x.scales + column / longest_sum * task.rows + part.first_row;
  }

  template <class Element>
  void take_weights(const MatmulTask& task, Count of_strip, Count column, Count count) {
    const Count pairs = (task.in + 1) / 2;
    const auto* const from =
        static_cast<const std::int8_t*>(task.weights) + (of_strip * pairs + column / 2) * strip * 2;
    pairs_ = (count + 1) / 2;
    for (Count i = 0; i < pairs_ * strip * 2; i += 2 * lanes) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights_ + i), _mm256_cvtepi8_epi16(bytes));
    }
    scales_ = task.scales + of_strip * strip;
  }

  template <int Number>
  void multiply(Count first, const float* bias, Rows<float> y) const {
    RegisterTile<Avx2Pairs, Number, vectors> tile;
    tile.add_product(x_.from(first, 0).first, 2, 2 * most_rows, weights_, pairs_);
#pragma GCC unroll 16
    for (int row = 0; row < Number; ++row) {
      const auto x_scale = Avx2Floats::broadcast(x_scales_[first + row]);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) {
        float* const to = y.first + row * y.stride + v * lanes;
        const float* const before = bias != nullptr ? bias + v * lanes : to;
        const auto scale = _mm256_mul_ps(x_scale, Avx2Floats::load(scales_ + v * lanes));
        Avx2Floats::store(to, Avx2Floats::multiply_add(Avx2Pairs::to_floats(tile.sums[row][v]),
                                                       scale, Avx2Floats::load(before)));
      }
    }
  }

 private:
  std::int16_t* weights_;  // [longest_sum / 2][strip][2]
  Rows<const std::int16_t>
      x_{};  // groups of rows, one after another; rows of a group are pair by pair together
  const float* x_scales_ = nullptr;  // [rows]
  const float* scales_ = nullptr;    // [strip]
  Count pairs_ = 0;
};

}  // namespace

const MatmulKernel* matmul_int8_avx2() {
  static constexpr MatmulKernel kernel = [] {
    MatmulKernel all = Matmul<Int8Product>::kernel();
    all.round = round_groups;
    all.rounded_size = rounded_size;
    return all;
  }();
  return &kernel;
}

}  // namespace velatura::ops

#else

namespace velatura::ops {

const MatmulKernel* matmul_int8_avx2() {
  return nullptr;
}

}  // namespace velatura::ops

#endif
