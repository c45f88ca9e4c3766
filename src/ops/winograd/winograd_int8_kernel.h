#pragma once

// As winograd_kernel.h.

#include "ops/whole_numbers.h"
#include "ops/winograd/winograd_kernel.h"

namespace velatura::ops {

/// The same with weights that are held as int8. What is multiplied is rounded to whole numbers of 16 bits first: what a
/// tile sees at a point for each stretch of channels, and weights for each point and output channel, as multiples of
/// their largest. Products are added up exactly.
///
/// Isa has besides
///   Pairs        what RegisterTile asks for, of neighbours of 16 bits; to_floats, store_whole, store_pairs
///   larger_size
///   pair_rows    of tiles that are worked on at once
template <class Isa>
class Int8Winograd : Winograd<Isa> {
  using Base = Winograd<Isa>;
  using Base::lanes, Base::block, Base::group, Base::side, Base::points, Base::vectors, Base::strip,
      Base::apart;
  using Base::load, Base::store, Base::least;
  using typename Base::Count;
  using typename Base::Vector;
  using Pairs = typename Isa::Pairs;
  using Whole = std::int16_t;

 public:
  static constexpr WinogradKernel kernel() {
    return {Isa::pair_rows, see, convolve, seen_size, scratch_size, measure};
  }

 private:
  static constexpr Count longest_sum = 320;
  static constexpr float largest_weight = 2500, largest_seen = 2684;
  static_assert(longest_sum * largest_weight * largest_seen < 0x7fffffff, "sums are exact");

  // ---- weights -------------------------------------------------------------------------------------

  // A vector's and a block's weights, which lie one input channel after another.
  static void measure(const WinogradTask& task, float* scales, Count begin, Count end) {
    for (Count b = begin; b < end; ++b) {
      for (Count v = 0; v < block; v += lanes) {
        const auto* from =
            static_cast<const Int8*>(task.weights) + b * task.in_channels * 9 * block + v;
        Vector most[points] = {};
        for (Count i = 0; i < task.in_channels; ++i, from += 9 * block) {
          Vector columns[side * 3], row[side];
          Base::widen_columns(from, columns);
          for (int y = 0; y < side; ++y) {
            Base::widen_row(columns + 3 * y, row);
            for (int x = 0; x < side; ++x)
              most[side * y + x] = Isa::larger_size(most[side * y + x], row[x]);
          }
        }
        for (int point = 0; point < points; ++point)
          store(scales + point * task.out_channels + b * block + v, most[point] / largest_weight);
      }
    }
  }

  // @param scales  of the block, [points][…] @param to  [points][…][strip][2], a strip's column
  static void round_weights(const Int8* from, const float* scales, Count scales_plane, Whole* to,
                            Count count, Count plane) {
    float times[points * block];
    for (int point = 0; point < points; ++point) {
      for (Count channel = 0; channel < block; ++channel) {
        const float scale = scales[point * scales_plane + channel];
        times[point * block + channel] = scale > 0 ? 1 / scale : 0;
      }
    }
    for (Count i = 0; i < count; i += 2, from += 2 * 9 * block, to += 2 * strip) {
      for (Count v = 0; v < block; v += lanes) {
        Vector columns[2][side * 3], first[side], second[side];
        Base::widen_columns(from + v, columns[0]);
        Base::widen_columns(from + 9 * block + v, columns[1]);
        const float* by = times + v;
        Whole* point = to + 2 * v;
        for (int y = 0; y < side; ++y) {
          Base::widen_row(columns[0] + 3 * y, first);
          Base::widen_row(columns[1] + 3 * y, second);
          for (int x = 0; x < side; ++x, by += block, point += plane)
            Pairs::store_pairs(point, first[x] * load(by), second[x] * load(by));
        }
      }
    }
  }

  // ---- what tiles see ------------------------------------------------------------------------------

  // In the memory that is given as floats.
  struct Seen {
    float* scales;   // [points][stretches][tiles]
    Whole* numbers;  // [points][…][in]
    Count plane, stretches;
  };
  static Count stretches_of(const WinogradTask& task) {
    return (task.in_channels + longest_sum - 1) / longest_sum;
  }
  static Seen seen_in(float* memory, const WinogradTask& task, Count tiles) {
    const Count stretches = stretches_of(task);
    return {memory, reinterpret_cast<Whole*>(memory + points * stretches * tiles),
            Base::seen_plane(task, tiles), stretches};
  }
  static Count seen_size(const WinogradTask& task, Count tiles) {
    return points * (stretches_of(task) * tiles + Base::seen_plane(task, tiles) / 2);
  }

  static void see(const WinogradTask& task, WinogradTiles tiles, float* memory, Count begin,
                  Count end) {
    const Seen seen = seen_in(memory, task, tiles.count);
    with_element(task.element, [&](auto* element) {
      const auto* const picture = static_cast<decltype(element)>(task.x);
      for (Count i = begin; i < end; ++i) see_rounded(picture, task, tiles, i, seen);
    });
  }

  template <class Element>
  static void see_rounded(const Element* picture, const WinogradTask& task, WinogradTiles tiles,
                          Count i, const Seen& seen) {
    float stretch[points * longest_sum];
    for (Count c = 0; c < task.in_channels; c += longest_sum) {
      const Count count = least(longest_sum, task.in_channels - c);
      Base::see_tile(picture, task, tiles.first + i, c, c + count,
                     [&](int point, Count channel, Vector value) {
                       store(stretch + point * longest_sum + (channel - c), value);
                     });
      for (int point = 0; point < points; ++point) {
        const float* const from = stretch + point * longest_sum;
        const WholeScale by = whole_scale<Isa>(from, count, largest_seen);
        seen.scales[(point * seen.stretches + c / longest_sum) * tiles.count + i] = by.scale;
        const Vector times = Isa::broadcast(by.times);
        Whole* const to = seen.numbers + point * seen.plane + i * task.in_channels + c;
        for (Count k = 0; k < count; k += lanes) Pairs::store_whole(to + k, load(from + k) * times);
      }
    }
  }

  // ---- products ------------------------------------------------------------------------------------

  struct Stretch {
    const Whole* weights;  // [count / 2][strip][2]
    const float* scales;   // [strip]
    Count count, in;
    bool first;
  };

  // sums[Rows][strip] (+)= tiles[Rows][count] · weights
  template <int Rows>
  static void multiply(const Whole* tiles, const float* tile_scales, const Stretch& stretch,
                       float* sums) {
    RegisterTile<Pairs, Rows, vectors> tile;
    tile.add_product(tiles, stretch.in, 2, stretch.weights, stretch.count / 2);
#pragma GCC unroll 16
    for (int row = 0; row < Rows; ++row) {
      const Vector of_row = Isa::broadcast(tile_scales[row]);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) {
        float* const to = sums + row * strip + v * lanes;
        // Fused for any number of rows, where the compiler might choose otherwise for some.
        store(to, Isa::multiply_add(Pairs::to_floats(tile.sums[row][v]),
                                    of_row * load(stretch.scales + v * lanes),
                                    stretch.first ? Isa::zero() : load(to)));
      }
    }
  }

  // ---- a group of output channels ------------------------------------------------------------------

  static Count weights_plane(const WinogradTask& task) {
    return least(longest_sum, task.in_channels) * group + 2 * apart;
  }
  static Count scratch_size(const WinogradTask& task, Count tiles) {
    return points * (weights_plane(task) / 2 + Base::sums_plane(tiles) + strip);
  }

  static void convolve(const WinogradTask& task, WinogradTiles tiles, const float* memory,
                       float* scratch, Count index, Count begin, Count end) {
    with_element(task.element, [&](auto* element) {
      convolve_as(element, task, tiles, memory, scratch, index, begin, end);
    });
  }

  template <class Element>
  static void convolve_as(const Element*, const WinogradTask& task, WinogradTiles tiles,
                          const float* memory, float* scratch, Count index, Count begin,
                          Count end) {
    const Count in = task.in_channels, first_channel = index * group, out = task.out_channels;
    const Count channels = least(group, out - first_channel);
    const Count strips = (channels + strip - 1) / strip, tile_count = end - begin;
    const Count w_plane = weights_plane(task), w_strip = least(longest_sum, in) * strip;
    const Count s_plane = Base::sums_plane(tile_count), s_strip = tile_count * strip;
    const Seen seen = seen_in(const_cast<float*>(memory), task, tiles.count);
    float* const sums = scratch;
    auto* const weights = reinterpret_cast<Whole*>(sums + points * s_plane);
    for (Count c = 0; c < in; c += longest_sum) {
      const Count count = least(longest_sum, in - c);
      for (Count channel = 0; channel < channels; channel += block) {
        round_weights(static_cast<const Int8*>(task.weights) +
                          ((first_channel + channel) / block * in + c) * 9 * block,
                      task.point_scales + first_channel + channel, out,
                      weights + channel / strip * w_strip + 2 * (channel % strip), count, w_plane);
      }
      for (Count point = 0; point < points; ++point) {
        float scales[group] = {};
        for (Count i = 0; i < channels; ++i)
          scales[i] =
              task.point_scales[point * out + first_channel + i] * task.scales[first_channel + i];
        const Whole* from = seen.numbers + point * seen.plane + begin * in + c;
        const float* tile_scales =
            seen.scales + (point * seen.stretches + c / longest_sum) * tiles.count + begin;
        float* to = sums + point * s_plane;
        for (Count left = tile_count; left > 0; left -= Isa::pair_rows) {
          Base::fetch(from + Isa::pair_rows * in, count, in,
                      least(Isa::pair_rows, left - Isa::pair_rows));
          for (Count s = 0; s < strips; ++s) {
            const Stretch stretch{weights + point * w_plane + s * w_strip, scales + s * strip,
                                  count, in, c == 0};
            with_number<Isa::pair_rows>(left, [&](auto rows) {
              multiply<rows.value>(from, tile_scales, stretch, to + s * s_strip);
            });
          }
          from += Isa::pair_rows * in;
          tile_scales += Isa::pair_rows;
          to += Isa::pair_rows * strip;
        }
      }
    }
    Base::write_tiles(static_cast<Element*>(task.out), task, {tiles.first + begin, tile_count},
                      first_channel, strips, sums);
  }
};

}  // namespace velatura::ops
