#pragma once

// AVX-512 and AMX on a processor that has AVX2: what the kernels for them use, with vectors in two halves. For whole files
// that are written for AVX-512, as `-include`, with the compiler's options for AVX2. Rounded as the processor
// does; a test that such a kernel is right, never that it is fast.

#include <immintrin.h>

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__AVX512F__)
#error "these names are the processor's own with AVX-512"
#endif
#define __AVX512F__ 1
#define __AVX512BW__ 1
#define __AVX512DQ__ 1
#define __AVX512VL__ 1
#define __AVX512BF16__ 1
#define __AMX_TILE__ 1
#define __AMX_BF16__ 1

// Some are macros with some compilers.
#undef _mm512_cmp_ps_mask
#undef _mm512_cvtps_ph
#undef _mm512_slli_epi32
#undef _mm512_srli_epi32
#undef _tile_dpbf16ps
#undef _tile_loadd
#undef _tile_stored
#undef _tile_zero

namespace velatura::ops {
namespace {

// They hide the compiler's functions of these names, which only AVX-512 may call.

struct Halves {
  __m256 low, high;
};

inline Halves halves_of(__m512 v) {
  Halves halves;
  std::memcpy(&halves, &v, sizeof v);
  return halves;
}

inline __m512 whole(__m256 low, __m256 high) {
  const Halves halves{low, high};
  __m512 v;
  std::memcpy(&v, &halves, sizeof v);
  return v;
}

template <class Each>
__m512 by_halves(const Each& each, __m512 a, __m512 b, __m512 c) {
  const Halves x = halves_of(a), y = halves_of(b), z = halves_of(c);
  return whole(each(x.low, y.low, z.low), each(x.high, y.high, z.high));
}

using Integers = std::int32_t __attribute__((vector_size(64)));
using Naturals = std::uint32_t __attribute__((vector_size(64)));

inline __m512 _mm512_set1_ps(float value) {
  return value - __m512{};
}
inline __m512 _mm512_setzero_ps() {
  return __m512{};
}
inline __m512i _mm512_set1_epi32(int value) {
  return (__m512i)(value - Integers{});
}

inline __m512 _mm512_loadu_ps(const void* from) {
  __m512 v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
inline __m512i _mm512_loadu_si512(const void* from) {
  return (__m512i)_mm512_loadu_ps(from);
}
inline void _mm512_storeu_ps(void* to, __m512 v) {
  std::memcpy(to, &v, sizeof v);
}
inline void _mm512_storeu_si512(void* to, __m512i v) {
  std::memcpy(to, &v, sizeof v);
}

inline __m512 _mm512_castsi512_ps(__m512i v) {
  return (__m512)v;
}
inline __m512i _mm512_castps_si512(__m512 v) {
  return (__m512i)v;
}

inline __m512 _mm512_add_ps(__m512 a, __m512 b) {
  return a + b;
}
inline __m512 _mm512_sub_ps(__m512 a, __m512 b) {
  return a - b;
}
inline __m512 _mm512_fmadd_ps(__m512 a, __m512 b, __m512 c) {
  return by_halves([](__m256 x, __m256 y, __m256 z) { return _mm256_fmadd_ps(x, y, z); }, a, b, c);
}
inline __m512 _mm512_fmsub_ps(__m512 a, __m512 b, __m512 c) {
  return _mm512_fmadd_ps(a, b, -c);
}
inline __m512 _mm512_max_ps(__m512 a, __m512 b) {
  return by_halves([](__m256 x, __m256 y, __m256) { return _mm256_max_ps(x, y); }, a, b, b);
}

// Eights, then fours, twos and ones.
template <class Pair>
float reduced(const Pair& pair, __m512 v) {
  const Halves eights = halves_of(v);
  const __m256 eight = pair(eights.low, eights.high);
  const __m256 four = pair(eight, _mm256_permute2f128_ps(eight, eight, 1));
  const __m256 two = pair(four, _mm256_permute_ps(four, 0b01'00'11'10));
  return _mm256_cvtss_f32(pair(two, _mm256_permute_ps(two, 0b10'11'00'01)));
}
inline float _mm512_reduce_max_ps(__m512 v) {
  return reduced([](__m256 x, __m256 y) { return _mm256_max_ps(x, y); }, v);
}
inline float _mm512_reduce_add_ps(__m512 v) {
  return reduced([](__m256 x, __m256 y) { return x + y; }, v);
}

template <class Each>
__m512i by_halves(const Each& each, __m512i a, __m512i b) {
  const Halves x = halves_of((__m512)a), y = halves_of((__m512)b);
  return (__m512i)whole((__m256)each((__m256i)x.low, (__m256i)y.low),
                        (__m256)each((__m256i)x.high, (__m256i)y.high));
}

inline __m512i _mm512_add_epi32(__m512i a, __m512i b) {
  return by_halves([](__m256i x, __m256i y) { return _mm256_add_epi32(x, y); }, a, b);
}
inline __m512i _mm512_madd_epi16(__m512i a, __m512i b) {
  return by_halves([](__m256i x, __m256i y) { return _mm256_madd_epi16(x, y); }, a, b);
}
inline __m512i _mm512_cvtps_epi32(__m512 a) {
  const auto round = [](__m256i x, __m256i) { return _mm256_cvtps_epi32((__m256)x); };
  return by_halves(round, (__m512i)a, (__m512i)a);
}
inline __m512i _mm512_and_si512(__m512i a, __m512i b) {
  return a & b;
}
inline __m512i _mm512_slli_epi32(__m512i a, unsigned bits) {
  return (__m512i)((Naturals)a << bits);
}
inline __m512i _mm512_srli_epi32(__m512i a, unsigned bits) {
  return (__m512i)((Naturals)a >> bits);
}

inline __m512i _mm512_cvtepu16_epi32(__m256i a) {
  return (__m512i) __builtin_convertvector((std::uint16_t __attribute__((vector_size(32))))a,
                                           Naturals);
}
inline __m256i _mm512_cvtepi32_epi16(__m512i a) {
  return (__m256i) __builtin_convertvector((Naturals)a,
                                           std::uint16_t __attribute__((vector_size(32))));
}

inline __m512i _mm512_cvtepi8_epi32(__m128i a) {
  return (__m512i) __builtin_convertvector((std::int8_t __attribute__((vector_size(16))))a,
                                           Integers);
}
inline __m512 _mm512_cvtepi32_ps(__m512i a) {
  return __builtin_convertvector((Integers)a, __m512);
}

inline __m512 _mm512_cvtph_ps(__m256i a) {
  return whole(_mm256_cvtph_ps(_mm256_castsi256_si128(a)),
               _mm256_cvtph_ps(_mm256_extracti128_si256(a, 1)));
}
inline __m256i _mm512_cvtps_ph(__m512 a, int rounding) {
  static_cast<void>(rounding);  // to the nearest is all that is asked for
  const Halves halves = halves_of(a);
  return _mm256_set_m128i(_mm256_cvtps_ph(halves.high, _MM_FROUND_TO_NEAREST_INT),
                          _mm256_cvtps_ph(halves.low, _MM_FROUND_TO_NEAREST_INT));
}

// Of whether one is no number, or the first is the larger one.
inline __mmask16 _mm512_cmp_ps_mask(__m512 a, __m512 b, int predicate) {
  unsigned mask = 0;
  for (int i = 0; i < 16; ++i) {
    const bool holds = predicate == _CMP_UNORD_Q ? std::isunordered(a[i], b[i]) : a[i] > b[i];
    mask |= static_cast<unsigned>(holds) << i;
  }
  return static_cast<__mmask16>(mask);
}
inline __m512i _mm512_mask_blend_epi32(__mmask16 second, __m512i a, __m512i b) {
  auto v = (Integers)a;
  const auto others = (Integers)b;
  for (int i = 0; i < 16; ++i) v[i] = (second >> i & 1) != 0 ? others[i] : v[i];
  return (__m512i)v;
}
inline __m256i _mm512_cvtneps_pbh(__m512 a) {  // it has no values below the smallest normal one
  std::uint16_t to[16];
  for (int i = 0; i < 16; ++i) {
    std::uint32_t bits;
    const float value = a[i];
    std::memcpy(&bits, &value, sizeof bits);
    if (std::isnan(value)) {
      bits |= 0x400000;
    } else if (std::fabs(value) < 0x1p-126f) {
      bits &= 0x80000000;
    } else {
      bits += 0x7fff + (bits >> 16 & 1);
    }
    to[i] = static_cast<std::uint16_t>(bits >> 16);
  }
  __m256i v;
  std::memcpy(&v, to, sizeof v);
  return v;
}

// The upper value of each pair first.
inline __m512 _mm512_dpbf16_ps(__m512 sum, __m512bh a, __m512bh b) {
  const auto lower = [](__m512bh v) { return (__m512)((Naturals)v << 16); };
  const auto upper = [](__m512bh v) { return (__m512)((Naturals)v & (0xffff0000 - Naturals{})); };
  return _mm512_fmadd_ps(lower(a), lower(b), _mm512_fmadd_ps(upper(a), upper(b), sum));
}

// A thread's tiles, with the shapes that its configuration gave them.
struct TileShapes {
  std::uint8_t palette, start_row, reserved[14];
  std::uint16_t row_bytes[16];
  std::uint8_t rows[16];
};
struct TileState {
  TileShapes shapes;
  char bytes[8][16][64];
};
inline TileState& tiles() {
  thread_local TileState state{};
  return state;
}

inline void _tile_loadconfig(const void* from) {
  tiles() = TileState{};
  std::memcpy(&tiles().shapes, from, sizeof(TileShapes));
}
inline void _tile_release() {
  tiles() = TileState{};
}
inline void _tile_zero(int tile) {
  std::memset(tiles().bytes[tile], 0, sizeof tiles().bytes[tile]);
}
inline void _tile_loadd(int tile, const void* from, std::int64_t stride) {
  _tile_zero(tile);
  for (int row = 0; row < tiles().shapes.rows[tile]; ++row) {
    std::memcpy(tiles().bytes[tile][row], static_cast<const char*>(from) + row * stride,
                tiles().shapes.row_bytes[tile]);
  }
}
inline void _tile_stored(int tile, void* to, std::int64_t stride) {
  for (int row = 0; row < tiles().shapes.rows[tile]; ++row) {
    std::memcpy(static_cast<char*>(to) + row * stride, tiles().bytes[tile][row],
                tiles().shapes.row_bytes[tile]);
  }
}

// Products of a pair are added to each other first.
inline void _tile_dpbf16ps(int sums, int a, int b) {
  TileState& state = tiles();
  const auto of = [&state](int tile, int row, int column) {
    std::uint16_t half;
    std::memcpy(&half, state.bytes[tile][row] + 2 * column, sizeof half);
    const std::uint32_t bits = std::uint32_t{half} << 16;
    float value;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
  };
  for (int row = 0; row < state.shapes.rows[sums]; ++row) {
    for (int pair = 0; pair < state.shapes.row_bytes[a] / 4; ++pair) {
      const float first = of(a, row, 2 * pair), second = of(a, row, 2 * pair + 1);
      for (int column = 0; column < state.shapes.row_bytes[sums] / 4; ++column) {
        float sum;
        char* const place = state.bytes[sums][row] + 4 * column;
        std::memcpy(&sum, place, sizeof sum);
        sum += first * of(b, pair, 2 * column) + second * of(b, pair, 2 * column + 1);
        std::memcpy(place, &sum, sizeof sum);
      }
    }
  }
}

}  // namespace
}  // namespace velatura::ops
