#pragma once

// For the files that are compiled for one instruction set each. All it has are templates over types of those
// files, and it calls none of the standard library's functions: nothing of it is shared with other files, whose
// processors may not have the instructions.

#include "ops/winograd/winograd.h"

namespace velatura::ops {

/// Isa has
///   Vector   `lanes` floats, of which the compiler knows sums and products
///   vectors  of output channels that are worked on at once, beside `rows` tiles
template <class Isa>
class Winograd {
 public:
  static constexpr std::int64_t lanes = Isa::lanes, strip = lanes * Isa::vectors;
  static constexpr WinogradKernel kernel() {
    return {Isa::lanes, strip, pack, convolve, scratch_size};
  }

 private:
  using Vector = typename Isa::Vector;
  using Count = std::int64_t;
  static constexpr int side = 4, points = side * side;  // of a tile that is read
  static constexpr int step = 2;                        // its neighbour is so far away
  static constexpr int longest_sum = 320;  // is rounded so often before it is added to others

  static Vector load(const float* from) {
    Vector value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
  }
  static void store(float* to, Vector value) { __builtin_memcpy(to, &value, sizeof value); }
  static Count least(Count a, Count b) { return a < b ? a : b; }
  static Count strips_of(Count channels) { return (channels + strip - 1) / strip; }

  // ---- weights: G g Gᵀ ---------------------------------------------------------------------------

  static void widen(Vector a, Vector b, Vector c, Vector* to, Count stride) {
    const Vector half = Vector{} + 0.5f, ends = a + c;
    to[0] = a;
    to[stride] = (ends + b) * half;
    to[2 * stride] = (ends - b) * half;
    to[3 * stride] = c;
  }

  static void pack(const float* weight, float* packed, Count in, Count out, Count begin,
                   Count end) {
    constexpr int taps = 9;
    const Count plane = strips_of(out) * in * strip;
    for (Count index = begin; index < end; ++index) {
      const float* const first = weight + index * strip * in * taps;
      const Count channels = least(strip, out - index * strip);
      float* to = packed + index * in * strip;
      float by_tap[taps][strip] = {};
      for (Count i = 0; i < in; ++i, to += strip) {
        for (Count lane = 0; lane < channels; ++lane)
          for (int tap = 0; tap < taps; ++tap)
            by_tap[tap][lane] = first[(lane * in + i) * taps + tap];
        for (Count v = 0; v < strip; v += lanes) {
          Vector columns[side * 3], all[points];
          for (int x = 0; x < 3; ++x)
            widen(load(by_tap[x] + v), load(by_tap[3 + x] + v), load(by_tap[6 + x] + v),
                  columns + x, 3);
          for (int y = 0; y < side; ++y)
            widen(columns[3 * y], columns[3 * y + 1], columns[3 * y + 2], all + side * y, 1);
          for (int point = 0; point < points; ++point) store(to + point * plane + v, all[point]);
        }
      }
    }
  }

  // ---- a block of tiles -------------------------------------------------------------------------

  // Where tiles are in the picture.
  struct Place {
    Count picture, y, x;
  };
  static Place place_of(const WinogradTask& task, Count tile) {
    const Count columns = (task.width + 1) / step, rows = (task.height + 1) / step;
    return {tile / (rows * columns), tile / columns % rows * step, tile % columns * step};
  }

  // Bᵀ d B: differences and sums of what a tile sees, the pixels outside being 0.
  static void spread(Vector a, Vector b, Vector c, Vector d, Vector* to, Count stride) {
    to[0] = a - c;
    to[stride] = b + c;
    to[2 * stride] = c - b;
    to[3 * stride] = b - d;
  }

  // @param to  [points][at_a_time][in]
  static void read_tile(const WinogradTask& task, Count tile, const float* nothing, float* to,
                        Count plane) {
    const Place place = place_of(task, tile);
    const float* pixels[points];
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const Count row = place.y + y - 1, column = place.x + x - 1;
        const bool inside = row >= 0 && row < task.height && column >= 0 && column < task.width;
        pixels[y * side + x] =
            inside ? task.x + ((place.picture * task.height + row) * task.width + column) *
                                  task.in_channels
                   : nothing;
      }
    }
    for (Count c = 0; c < task.in_channels; c += lanes) {
      Vector columns[points], all[points];
      for (int x = 0; x < side; ++x)
        spread(load(pixels[x] + c), load(pixels[side + x] + c), load(pixels[2 * side + x] + c),
               load(pixels[3 * side + x] + c), columns + x, side);
      for (int y = 0; y < side; ++y) {
        const Vector* const row = columns + y * side;
        spread(row[0], row[1], row[2], row[3], all + y * side, 1);
      }
      for (int point = 0; point < points; ++point) store(to + point * plane + c, all[point]);
    }
  }

  // sums[Rows][strip] = tiles[Rows][in] · weights[in][strip]
  template <int Rows>
  static void multiply(const float* tiles, const float* weights, float* sums, Count in,
                       Count sums_stride) {
    for (Count first = 0; first < in; first += longest_sum) {
      Vector all[Rows][Isa::vectors] = {};
      const Count end = least(first + longest_sum, in);
      for (Count c = first; c < end; ++c, weights += strip) {
        Vector w[Isa::vectors];
#pragma GCC unroll 4
        for (int v = 0; v < Isa::vectors; ++v) w[v] = load(weights + v * lanes);
#pragma GCC unroll 16
        for (int row = 0; row < Rows; ++row) {
          const Vector d = tiles[row * in + c] - Vector{};
#pragma GCC unroll 4
          for (int v = 0; v < Isa::vectors; ++v) all[row][v] += d * w[v];
        }
      }
      for (int row = 0; row < Rows; ++row) {
        for (int v = 0; v < Isa::vectors; ++v) {
          float* const to = sums + row * sums_stride + v * lanes;
          store(to, first == 0 ? all[row][v] : load(to) + all[row][v]);
        }
      }
    }
  }

  template <int Rows>
  static void multiply_rest(Count rows, const float* tiles, const float* weights, float* sums,
                            Count in, Count sums_stride) {
    if constexpr (Rows > 0) {
      if (rows == Rows) return multiply<Rows>(tiles, weights, sums, in, sums_stride);
      multiply_rest<Rows - 1>(rows, tiles, weights, sums, in, sums_stride);
    }
  }

  // Aᵀ m A: two by two pixels of what was multiplied.
  static void gather(Vector a, Vector b, Vector c, Vector d, Vector* to, Count stride) {
    to[0] = a + b + c;
    to[stride] = b - c - d;
  }

  // @param sums  [points][at_a_time][padded out]
  static void write_tile(const WinogradTask& task, Count tile, const float* sums, Count plane) {
    const Place place = place_of(task, tile);
    float* const first =
        task.out +
        ((place.picture * task.height + place.y) * task.width + place.x) * task.out_stride;
    const bool has_right = place.x + 1 < task.width, has_below = place.y + 1 < task.height;
    for (Count c = 0; c < task.out_channels; c += lanes) {
      Vector columns[2 * side], all[4];
      for (int x = 0; x < side; ++x)
        gather(load(sums + x * plane + c), load(sums + (side + x) * plane + c),
               load(sums + (2 * side + x) * plane + c), load(sums + (3 * side + x) * plane + c),
               columns + x, side);
      for (int y = 0; y < 2; ++y) {
        const Vector* const row = columns + y * side;
        gather(row[0], row[1], row[2], row[3], all + 2 * y, 1);
      }
      const Vector bias = task.bias != nullptr ? load(task.bias + c) : Vector{};
      float* const to = first + c;
      float* const below = to + task.width * task.out_stride;
      store(to, all[0] + bias);
      if (has_right) store(to + task.out_stride, all[1] + bias);
      if (has_below) store(below, all[2] + bias);
      if (has_right && has_below) store(below + task.out_stride, all[3] + bias);
    }
  }

  static Count scratch_size(const WinogradTask& task, Count at_a_time) {
    return task.in_channels +
           points * at_a_time * (task.in_channels + strips_of(task.out_channels) * strip);
  }

  static void convolve(const WinogradTask& task, float* scratch, Count at_a_time, Count begin,
                       Count end) {
    constexpr int rows_at_a_time = Isa::rows;
    const Count in = task.in_channels, strips = strips_of(task.out_channels);
    float* const nothing = scratch;
    float* const tiles = nothing + in;
    float* const sums = tiles + points * at_a_time * in;
    for (Count c = 0; c < in; ++c) nothing[c] = 0;
    for (Count first = begin; first < end; first += at_a_time) {
      const Count count = least(at_a_time, end - first);
      for (Count i = 0; i < count; ++i)
        read_tile(task, first + i, nothing, tiles + i * in, at_a_time * in);
      for (Count point = 0; point < points; ++point) {
        for (Count s = 0; s < strips; ++s) {
          const float* const weights = task.weights + (point * strips + s) * in * strip;
          const float* from = tiles + point * at_a_time * in;
          float* to = sums + point * at_a_time * strips * strip + s * strip;
          Count left = count;
          for (; left >= rows_at_a_time; left -= rows_at_a_time) {
            multiply<rows_at_a_time>(from, weights, to, in, strips * strip);
            from += rows_at_a_time * in;
            to += rows_at_a_time * strips * strip;
          }
          multiply_rest<rows_at_a_time - 1>(left, from, weights, to, in, strips * strip);
        }
      }
      for (Count i = 0; i < count; ++i)
        write_tile(task, first + i, sums + i * strips * strip, at_a_time * strips * strip);
    }
  }
};

}  // namespace velatura::ops
