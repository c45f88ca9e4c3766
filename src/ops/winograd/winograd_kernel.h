#pragma once

// For the files that are compiled for one instruction set each. All it has are templates over types of those
// files, and it calls none of the standard library's functions: nothing of it is shared with other files, whose
// processors may not have the instructions.

#include "ops/register_tile.h"
#include "ops/winograd/winograd.h"

namespace velatura::ops {

/// Isa has
///   what RegisterTile asks for, of floats
///   Vector      the compiler knows its sums and products
///   load, store; load_as, store_as: of all kinds of elements
///   rows        of tiles that are worked on at once, beside two vectors of output channels
template <class Isa>
class Winograd {
 public:
  static constexpr WinogradKernel kernel() {
    return {Isa::rows, see, convolve, seen_size, scratch_size};
  }

 protected:
  using Vector = typename Isa::Vector;
  using Count = std::int64_t;
  static constexpr Count lanes = Isa::lanes, block = WinogradKernel::block,
                         group = WinogradKernel::group;
  static constexpr int step = WinogradKernel::side;  // the neighbour of a tile is so far away
  static constexpr int side = step + 2;              // of what a tile sees
  static constexpr int points = side * side;
  static constexpr int vectors = 2;  // of output channels at once
  static constexpr Count strip = vectors * lanes;
  static_assert(strip % block == 0 && group % strip == 0);
  static constexpr Count longest_sum = 320;  // is rounded so often before it is added to others
  static constexpr Count cache_line = 64;    // bytes
  static constexpr Count apart = 48;  // floats, so that points do not share places in a cache

  // The polynomials are taken at 0, ±a, ±b and infinity. Of all pairs of short binary fractions these err
  // least: half as much as the usual 1 and 2.
  static constexpr float a = 0.625f, b = 1.5f, aa = a * a, bb = b * b;

  static Vector load(const float* from) { return Isa::load(from); }
  static void store(float* to, Vector value) { Isa::store(to, value); }
  static Count least(Count one, Count other) { return one < other ? one : other; }

  static Count seen_plane(const WinogradTask& task, Count tiles) {
    return tiles * task.in_channels + apart;
  }
  static Count seen_size(const WinogradTask& task, Count tiles) {
    return points * seen_plane(task, tiles);
  }

  // ---- weights: G g Gᵀ ---------------------------------------------------------------------------

  // But for factors of the points, which gather() has.
  static void widen(Vector g0, Vector g1, Vector g2, Vector* to, Count stride) {
    const Vector even_a = g0 + g2 * aa, even_b = g0 + g2 * bb;
    to[0] = g0;
    to[stride] = even_a + g1 * a;
    to[2 * stride] = even_a - g1 * a;
    to[3 * stride] = even_b + g1 * b;
    to[4 * stride] = even_b - g1 * b;
    to[5 * stride] = g2;
  }

  // Of some output channels, along one axis. @param from  [9][block] @param to  [side][3]
  template <class Element>
  static void widen_columns(const Element* from, Vector* to) {
    for (int x = 0; x < 3; ++x)
      widen(Isa::load_as(from + x * block), Isa::load_as(from + (3 + x) * block),
            Isa::load_as(from + (6 + x) * block), to + x, 3);
  }
  // @param columns  a row of widen_columns()' @param to  [side]
  static void widen_row(const Vector* columns, Vector* to) {
    widen(columns[0], columns[1], columns[2], to, 1);
  }

  // A block's weights. @param from  [count][9][block]  @param to  [points][…][strip], a strip's column
  template <class Element>
  static void widen_weights(const Element* from, float* to, Count count, Count plane) {
    for (Count i = 0; i < count; ++i, from += 9 * block, to += strip) {
      for (Count v = 0; v < block; v += lanes) {
        Vector columns[side * 3], row[side];
        widen_columns(from + v, columns);
        float* point = to + v;
        for (int y = 0; y < side; ++y) {
          widen_row(columns + 3 * y, row);
          for (int x = 0; x < side; ++x, point += plane) store(point, row[x]);
        }
      }
    }
  }

  // ---- what tiles see: Bᵀ d B --------------------------------------------------------------------

  // Where a tile is in its picture.
  struct Place {
    Count picture, y, x;
  };
  static Place place_of(const WinogradTask& task, Count tile) {
    const Count columns = (task.width + step - 1) / step, rows = (task.height + step - 1) / step;
    return {tile / (rows * columns), tile / columns % rows * step, tile % columns * step};
  }

  static void spread(const Vector* d, Vector* to, Count stride) {
    to[0] = d[0] * (aa * bb) + (d[4] - d[2] * (aa + bb));
    const Vector even_a = d[4] - d[2] * bb, odd_a = (d[3] - d[1] * bb) * a;
    to[stride] = even_a + odd_a;
    to[2 * stride] = even_a - odd_a;
    const Vector even_b = d[4] - d[2] * aa, odd_b = (d[3] - d[1] * aa) * b;
    to[3 * stride] = even_b + odd_b;
    to[4 * stride] = even_b - odd_b;
    to[5 * stride] = d[1] * (aa * bb) + (d[5] - d[3] * (aa + bb));
  }

  // @param to  called with a point, a channel, and what is seen of it and the next ones
  template <class Element, class To>
  static void see_tile(const Element* picture, const WinogradTask& task, Count tile, Count begin,
                       Count end, const To& to) {
    const Place place = place_of(task, tile);
    const Count height = task.height / task.enlarged, width = task.width / task.enlarged;
    const Element* pixels[points];
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const Count row = place.y + y - 1, column = place.x + x - 1;
        const bool inside = row >= 0 && row < task.height && column >= 0 && column < task.width;
        pixels[y * side + x] =
            inside ? picture + ((place.picture * height + row / task.enlarged) * width +
                                column / task.enlarged) *
                                   task.in_channels
                   : static_cast<const Element*>(task.nothing);
      }
    }
    for (Count c = begin; c < end; c += lanes) {
      Vector columns[points];
      for (int x = 0; x < side; ++x) {
        Vector column[side];
        for (int y = 0; y < side; ++y) column[y] = Isa::load_as(pixels[y * side + x] + c);
        spread(column, columns + x, side);
      }
      for (int y = 0; y < side; ++y) {
        Vector row[side];
        spread(columns + y * side, row, 1);
        for (int x = 0; x < side; ++x) to(y * side + x, c, row[x]);
      }
    }
  }

  static void see(const WinogradTask& task, WinogradTiles tiles, float* seen, Count begin,
                  Count end) {
    const Count plane = seen_plane(task, tiles.count);
    with_element(task.element, [&](auto* element) {
      const auto* const picture = static_cast<decltype(element)>(task.x);
      for (Count i = begin; i < end; ++i) {
        float* const of_tile = seen + i * task.in_channels;
        see_tile(picture, task, tiles.first + i, 0, task.in_channels,
                 [&](int point, Count channel, Vector value) {
                   store(of_tile + point * plane + channel, value);
                 });
      }
    });
  }

  // ---- products ----------------------------------------------------------------------------------

  // sums[Rows][strip] (+)= tiles[Rows][count] · weights[count][strip]
  template <int Rows>
  static void multiply(const float* tiles, const float* weights, float* sums, Count count, Count in,
                       bool first) {
    RegisterTile<Isa, Rows, vectors> tile;
    tile.add_product(tiles, in, 1, weights, count);
#pragma GCC unroll 16
    for (int row = 0; row < Rows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) {
        float* const to = sums + row * strip + v * lanes;
        store(to, first ? tile.sums[row][v] : load(to) + tile.sums[row][v]);
      }
    }
  }

  // Rows that are multiplied next. They come from a cache that all cores share, and of rows side by side the
  // processor foresees little.
  template <class Number>
  static void fetch(const Number* rows, Count count, Count stride, Count row_count) {
    for (Count row = 0; row < row_count; ++row, rows += stride) {
      for (Count i = 0; i < count; i += cache_line / Count{sizeof(Number)})
        __builtin_prefetch(rows + i);
    }
  }

  // ---- pixels: Aᵀ m A ----------------------------------------------------------------------------

  static void gather(const Vector* m, Vector* to, Count stride) {
    constexpr float at_0 = 1 / (aa * bb), at_a = 1 / (2 * aa * (aa - bb)),
                    at_b = 1 / (2 * bb * (bb - aa));
    const Vector even_a = m[1] + m[2], odd_a = m[1] - m[2];
    const Vector even_b = m[3] + m[4], odd_b = m[3] - m[4];
    to[0] = m[0] * at_0 + (even_a * at_a + even_b * at_b);
    to[stride] = odd_a * (a * at_a) + odd_b * (b * at_b);
    to[2 * stride] = even_a * (aa * at_a) + even_b * (bb * at_b);
    to[3 * stride] = odd_a * (aa * a * at_a) + (odd_b * (bb * b * at_b) + m[5]);
  }

  // @param sums  [points][…][strip], of a tile's channels from `channel` on
  template <class Element>
  static void write_tile(Element* out, const WinogradTask& task, Count tile, Count channel,
                         const float* sums, Count plane) {
    const Place place = place_of(task, tile);
    Element* const first =
        out + ((place.picture * task.height + place.y) * task.width + place.x) * task.out_channels;
    const Count rows = least(step, task.height - place.y);
    const Count columns = least(step, task.width - place.x);
    for (Count v = 0; v < least(strip, task.out_channels - channel); v += lanes) {
      Vector halves[step * side];
      for (int x = 0; x < side; ++x) {
        Vector column[side];
        for (int y = 0; y < side; ++y) column[y] = load(sums + (y * side + x) * plane + v);
        gather(column, halves + x, side);
      }
      const Vector bias = task.bias != nullptr
                              ? Isa::load_as(static_cast<const Element*>(task.bias) + channel + v)
                              : Vector{};
      for (Count y = 0; y < rows; ++y) {
        Vector row[step];
        gather(halves + y * side, row, 1);
        for (Count x = 0; x < columns; ++x)
          Isa::store_as(first + (y * task.width + x) * task.out_channels + channel + v,
                        row[x] + bias);
      }
    }
  }

  // ---- a group of output channels ------------------------------------------------------------------

  static Count weights_plane(const WinogradTask& task) {
    return least(longest_sum, task.in_channels) * group + apart;
  }
  static Count sums_plane(Count tiles) {
    return tiles * group + apart;
  }
  static Count scratch_size(const WinogradTask& task, Count tiles) {
    return points * (weights_plane(task) + sums_plane(tiles));
  }

  static void convolve(const WinogradTask& task, WinogradTiles tiles, const float* seen,
                       float* scratch, Count index, Count begin, Count end) {
    with_element(task.element, [&](auto* element) {
      convolve_as(element, task, tiles, seen, scratch, index, begin, end);
    });
  }

  template <class Element>
  static void convolve_as(const Element*, const WinogradTask& task, WinogradTiles tiles,
                          const float* seen, float* scratch, Count index, Count begin, Count end) {
    const Count in = task.in_channels, first_channel = index * group;
    const Count channels = least(group, task.out_channels - first_channel);
    const Count strips = (channels + strip - 1) / strip, tile_count = end - begin;
    const Count w_plane = weights_plane(task), w_strip = least(longest_sum, in) * strip;
    const Count s_plane = sums_plane(tile_count), s_strip = tile_count * strip;
    const Count plane = seen_plane(task, tiles.count);
    float* const weights = scratch;
    float* const sums = weights + points * w_plane;
    for (Count c = 0; c < in; c += longest_sum) {
      const Count count = least(longest_sum, in - c);
      for (Count channel = 0; channel < channels; channel += block) {
        widen_weights(static_cast<const Element*>(task.weights) +
                          ((first_channel + channel) / block * in + c) * 9 * block,
                      weights + channel / strip * w_strip + channel % strip, count, w_plane);
      }
      for (Count point = 0; point < points; ++point) {
        const float* from = seen + point * plane + begin * in + c;
        float* to = sums + point * s_plane;
        for (Count left = tile_count; left > 0; left -= Isa::rows) {
          fetch(from + Isa::rows * in, count, in, least(Isa::rows, left - Isa::rows));
          for (Count s = 0; s < strips; ++s) {
            const float* const w = weights + point * w_plane + s * w_strip;
            with_number<Isa::rows>(left, [&](auto rows) {
              multiply<rows.value>(from, w, to + s * s_strip, count, in, c == 0);
            });
          }
          from += Isa::rows * in;
          to += Isa::rows * strip;
        }
      }
    }
    write_tiles(static_cast<Element*>(task.out), task, {tiles.first + begin, tile_count},
                first_channel, strips, sums);
  }

  // @param sums  [points][strips][tiles.count][strip], of the channels from `channel` on
  template <class Element>
  static void write_tiles(Element* out, const WinogradTask& task, WinogradTiles tiles,
                          Count channel, Count strips, const float* sums) {
    const Count plane = sums_plane(tiles.count);
    for (Count s = 0; s < strips; ++s) {
      for (Count i = 0; i < tiles.count; ++i)
        write_tile(out, task, tiles.first + i, channel + s * strip,
                   sums + (s * tiles.count + i) * strip, plane);
    }
  }
};

}  // namespace velatura::ops
