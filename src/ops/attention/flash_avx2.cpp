#include "ops/attention/flash.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include "ops/attention/flash_kernel.h"
#include "ops/avx2.h"

namespace velatura::ops {
namespace {

struct Avx2 : Avx2Floats {
  static constexpr int vectors = 2;

  static Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm256_fmsub_ps(a, b, c); }
  static Vector maximum(Vector a, Vector b) { return _mm256_max_ps(a, b); }
  static float largest(Vector a) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
  }
  static float total(Vector a) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
  }

  static bool any_above(Vector values, float limit) {
    return _mm256_movemask_ps(_mm256_cmp_ps(values, _mm256_set1_ps(limit), _CMP_GT_OQ)) != 0;
  }
  // As Avx512Floats'.
  static Vector power_of_two(Vector bits) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(bits), 23));
  }
};

struct Floats : Avx2 {
  using Products = RegisterProducts<Floats>;
  template <class Element>
  using Row = PlainRow<Floats, Element>;
  static constexpr int longest_sum = 64;

  static Packed pack(float value) { return value; }
  static void pack_vector(Vector value, Packed* to) { store(to, value); }

  static constexpr const auto& exp2_terms = float32_exp2_terms;
};

// ---- whole numbers ---------------------------------------------------------------------------------

constexpr float largest_sum = 0x1.fffffcp30f;  // that 31 bits hold

template <class Element>
class WholeRow {
  using Count = std::int64_t;
  static constexpr Count lanes = Avx2::lanes;

 public:
  static constexpr int scale_numbers = sizeof(float) / sizeof(std::int16_t);
  static constexpr int longest_sum = 64;  // of values
  static constexpr float largest_value = 4095, largest_probability = 8191;
  static_assert(longest_sum * largest_value * largest_probability < largest_sum, "sums are exact");

  WholeRow() = default;
  static WholeRow of_key(const Element* from, Count width) {
    WholeRow row(from, width, __builtin_sqrtf(largest_sum / static_cast<float>(width + 2)) - 1);
    if (row.scale == 0) row.scale = 1;  // scores that are hidden stay so
    return row;
  }
  static WholeRow of_value(const Element* from, Count width) {
    return WholeRow(from, width, largest_value);
  }
  std::int16_t operator[](Count x) const { return numbers_[x]; }

  float scale = 0;

 private:
  WholeRow(const Element* from, Count width, float largest) {
    float values[flash_widest_whole];
    Count x = 0;
    for (; x + lanes <= width; x += lanes) Avx2::store(values + x, Avx2::load_as(from + x));
    if (x < width) Avx2::store(values + x, Avx2::zero());
    for (; x < width; ++x) values[x] = Avx2::read(from[x]);
    const Count whole_width = (width + lanes - 1) / lanes * lanes;
    const WholeScale by = whole_scale<Avx2>(values, whole_width, largest);
    scale = by.times > 0 || by.scale != by.scale ? by.scale : 0;
    const Avx2::Vector times = Avx2::broadcast(by.times);
    for (x = 0; x < whole_width; x += lanes)
      Avx2Pairs::store_whole(numbers_ + x, Avx2::load(values + x) * times);
  }

  std::int16_t numbers_[flash_widest_whole];
};

// As RegisterProducts.
class WholeProducts {
  using Count = std::int64_t;
  using Packed = std::int16_t;
  static constexpr Count lanes = Avx2::lanes;
  static constexpr int vectors_at_a_time = Avx2::vectors,
                       longest_sum = WholeRow<float>::longest_sum;

 public:
  static constexpr int rows = 4, interleaved = rows, query_tile = 48;
  static constexpr Count most_keys = 512;
  static constexpr int key_multiple = lanes, step_multiple = Avx2Pairs::step;
  struct Session {};

  static void multiply_keys(Count rows_here, Count count, const Packed* q, Count width,
                            const Packed* keys, float* scores) {
    const auto* const scales = reinterpret_cast<const float*>(keys + width * count * lanes);
    with_number<rows>(rows_here, [&](auto of_rows) {
      with_number<vectors_at_a_time>(count, [&](auto vectors) {
        RegisterTile<Avx2Pairs, of_rows.value, vectors.value> tile;
        tile.add_product(q, 2, interleaved * 2, keys, width / 2);
#pragma GCC unroll 16
        for (int r = 0; r < of_rows.value; ++r) {
#pragma GCC unroll 8
          for (int i = 0; i < vectors.value; ++i) {
            Avx2::store(scores + r * most_keys + i * lanes,
                        Avx2Pairs::to_floats(tile.sums[r][i]) * Avx2::load(scales + i * lanes));
          }
        }
      });
    });
  }

  static void add_values(Count rows_here, Count count, const Packed* probabilities, Count keys,
                         const Packed* values, float scale, const float* rescale, float* sum,
                         Count width) {
    const auto of_sums = Avx2::broadcast(scale);
    with_number<rows>(rows_here, [&](auto of_rows) {
      with_number<vectors_at_a_time>(count, [&](auto vectors) {
        for (Count from = 0; from < keys; from += longest_sum) {
          const Count here = keys - from < longest_sum ? keys - from : longest_sum;
          RegisterTile<Avx2Pairs, of_rows.value, vectors.value> tile;
          tile.add_product(probabilities + from, most_keys, 2,
                           values + from * vectors.value * lanes, here / 2);
#pragma GCC unroll 16
          for (int r = 0; r < of_rows.value; ++r) {
            const auto by = Avx2::broadcast(from == 0 ? rescale[r] : 1);
#pragma GCC unroll 8
            for (int i = 0; i < vectors.value; ++i) {
              float* const so_far = sum + r * width + i * lanes;
              const auto before = Avx2::load(so_far) * by;
              Avx2::store(so_far, Avx2::multiply_add(Avx2Pairs::to_floats(tile.sums[r][i]), of_sums,
                                                     before));
            }
          }
        }
      });
    });
  }
};

struct Whole : Avx2 {
  using Packed = std::int16_t;
  using Products = WholeProducts;
  template <class Element>
  using Row = WholeRow<Element>;
  static constexpr int step = 2;

  template <class... Vectors>
  static void store_whole(Packed* to, Vectors... values) {
    Avx2Pairs::store_whole(to, values...);
  }

  // To 3e-6, where probabilities have 1e-4.
  static constexpr float exp2_terms[] = {0.0095701f, 0.05591786f, 0.24024744f, 0.6931218f,
                                         0.9999993f};
};

constexpr FlashKernel kernel = Flash<Floats>::kernel(), whole_kernel = Flash<Whole>::kernel();

}  // namespace

const FlashKernel* flash_avx2() {
  return &kernel;
}

const FlashKernel* flash_whole_avx2() {
  return &whole_kernel;
}

}  // namespace velatura::ops
#else
const velatura::ops::FlashKernel* velatura::ops::flash_avx2() {
  return nullptr;
}

const velatura::ops::FlashKernel* velatura::ops::flash_whole_avx2() {
  return nullptr;
}
#endif
