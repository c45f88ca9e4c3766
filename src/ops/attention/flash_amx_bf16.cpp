#include "ops/attention/flash.h"

#if defined(__AMX_BF16__) && defined(__AMX_TILE__) && defined(__AVX512BF16__) && \
    defined(__AVX512BW__) && defined(__F16C__)
#include "ops/attention/flash_kernel.h"
#include "ops/avx512_bf16.h"

namespace velatura::ops {
namespace {

// As RegisterProducts, by Intel's AMX: tiles of 16 rows of 64 bytes. One of floats gets what one of 32 bfloat16 in a
// row and one with 16 columns of 32, neighbours beside each other, give. Four are added to at once: two tall, two wide.
class TileProducts {
  using Count = std::int64_t;
  using Packed = Avx512Bf16::Packed;
  static constexpr int side = 16;  // of floats
  static constexpr int depth = 32;

 public:
  static constexpr int rows = 2 * side, interleaved = 1, query_tile = 2 * rows;
  static constexpr Count most_keys = 256;
  static constexpr int key_multiple = depth, step_multiple = depth;

  // Of a thread: others use the tiles too, in other ways.
  class Session {
   public:
    Session() {
      struct alignas(64) {
        std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
        std::uint16_t row_bytes[16] = {};
        std::uint8_t rows[16] = {};
      } shapes;
      static_assert(sizeof shapes == 64);
      for (int tile = 0; tile < 8; ++tile) {
        shapes.row_bytes[tile] = 64;
        shapes.rows[tile] = side;
      }
      _tile_loadconfig(&shapes);
    }
    ~Session() { _tile_release(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
  };

  static void multiply_keys(Count rows_here, Count count, const Packed* q, Count width,
                            const Packed* keys, float* scores) {
    const Product product{{q, width}, {keys, 2 * side * count}, {scores, most_keys}, width / depth};
    multiply<false>(product, rows_here, count);
  }

  static void add_values(Count rows_here, Count count, const Packed* probabilities, Count keys,
                         const Packed* values, float, const float* rescale, float* sum,
                         Count width) {
    for (Count row = 0; row < rows_here; ++row) {
      if (rescale[row] == 1) continue;
      const auto by = Avx512Bf16::broadcast(rescale[row]);
      for (Count x = 0; x < side * count; x += side) {
        float* const so_far = sum + row * width + x;
        Avx512Bf16::store(so_far, Avx512Bf16::load(so_far) * by);
      }
    }
    const Product product{
        {probabilities, most_keys}, {values, 2 * side * count}, {sum, width}, keys / depth};
    multiply<true>(product, rows_here, count);
  }

 private:
  template <class Number>
  struct Matrix {
    Number* first;
    Count stride;
    Count bytes() const { return stride * Count{sizeof(Number)}; }
  };

  struct Product {
    Matrix<const Packed> a, b;  // b: [steps * side][columns][2]
    Matrix<float> c;
    Count steps;
  };

  // c = a · b, or c += a · b, for `count` tiles beside each other.
  template <bool Adds>
  static void multiply(const Product& product, Count rows_here, Count count) {
    with_number<2>((rows_here + side - 1) / side, [&](auto tall) {
      for (Count column = 0; column < count; column += 2) {
        Product part = product;
        part.b.first += 2 * side * column;
        part.c.first += side * column;
        with_number<2>(count - column,
                       [&](auto wide) { multiply_tiles<Adds, tall.value, wide.value>(part); });
      }
    });
  }

  // The instructions do not tell the compiler what they read.
  static void finish_stores() { asm volatile("" ::: "memory"); }

  template <bool Adds, int Tall, int Wide>
  static void multiply_tiles(const Product& product) {
    constexpr bool two_tall = Tall == 2, two_wide = Wide == 2;
    const Packed* a = product.a.first;
    const Packed* b = product.b.first;
    float* const c = product.c.first;
    float* const below = c + side * product.c.stride;
    const Count a_bytes = product.a.bytes(), b_bytes = product.b.bytes(),
                c_bytes = product.c.bytes();
    finish_stores();
    if constexpr (Adds) {
      _tile_loadd(0, c, c_bytes);
      if constexpr (two_wide) _tile_loadd(1, c + side, c_bytes);
      if constexpr (two_tall) _tile_loadd(2, below, c_bytes);
      if constexpr (two_tall && two_wide) _tile_loadd(3, below + side, c_bytes);
    } else {
      _tile_zero(0);
      if constexpr (two_wide) _tile_zero(1);
      if constexpr (two_tall) _tile_zero(2);
      if constexpr (two_tall && two_wide) _tile_zero(3);
    }
    for (Count step = 0; step < product.steps; ++step) {
      _tile_loadd(4, a, a_bytes);
      _tile_loadd(6, b, b_bytes);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (two_wide) {
        _tile_loadd(7, b + 2 * side, b_bytes);
        _tile_dpbf16ps(1, 4, 7);
      }
      if constexpr (two_tall) {
        _tile_loadd(5, a + side * product.a.stride, a_bytes);
        _tile_dpbf16ps(2, 5, 6);
      }
      if constexpr (two_tall && two_wide) _tile_dpbf16ps(3, 5, 7);
      a += depth;
      b += side * product.b.stride;
    }
    _tile_stored(0, c, c_bytes);
    if constexpr (two_wide) _tile_stored(1, c + side, c_bytes);
    if constexpr (two_tall) _tile_stored(2, below, c_bytes);
    if constexpr (two_tall && two_wide) _tile_stored(3, below + side, c_bytes);
    finish_stores();
  }
};

struct Tiles : Avx512Bf16 {
  using Products = TileProducts;
  template <class Element>
  using Row = PlainRow<Tiles, Element>;
  static constexpr int vectors = 4;
};

constexpr FlashKernel kernel = Flash<Tiles>::kernel();

}  // namespace

const FlashKernel* flash_amx_bf16() {
  return &kernel;
}

}  // namespace velatura::ops
#else
const velatura::ops::FlashKernel* velatura::ops::flash_amx_bf16() {
  return nullptr;
}
#endif
