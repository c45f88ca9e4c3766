#pragma once

// For the files that are compiled for one instruction set each. All it has are templates over Isa, a
// type of that file alone, and it calls none of the standard library's functions: nothing of it is
// shared with other files, whose processors may not have the instructions.

#include "ops/attention/flash.h"
#include "ops/register_tile.h"
#include "ops/whole_numbers.h"

namespace velatura::ops {

/// @param terms  highest power first
template <class Isa, int Terms>
typename Isa::Vector polynomial(const float (&terms)[Terms], typename Isa::Vector x) {
  auto sum = Isa::broadcast(terms[0]);
#pragma GCC unroll 8
  for (int i = 1; i < Terms; ++i) sum = Isa::multiply_add(sum, x, Isa::broadcast(terms[i]));
  return sum;
}

/// Of exp2_of() in float32, to 8e-8.
constexpr float float32_exp2_terms[] = {0.00015345811f, 0.0013399931f, 0.009618489f, 0.055503286f,
                                        0.24022646f,    0.6931472f,    1.f};

/// 2 to the power of each value, which is at most 0; 0 of those below -126.5, and NaN stays NaN.
/// @param Isa::exp2_terms  of the polynomial() of what is left in [-1/2, 1/2]
template <class Isa>
typename Isa::Vector exp2_of(typename Isa::Vector x) {
  // A number to which this was added has the nearest whole number, and the bias of exponents, in its lowest bits.
  const auto rounder = Isa::broadcast(0x1.8p23f + 127);
  x = Isa::maximum(Isa::broadcast(-127), x);  // the second of two if one is NaN
  const auto rounded = x + rounder;
  return polynomial<Isa>(Isa::exp2_terms, x - (rounded - rounder)) * Isa::power_of_two(rounded);
}

/// Isa has
///   Packed          a packed value; `step` neighbours of a row of keys, and of a column of values
///   Vector          `lanes` floats
///   vectors         how many lie beside each other in a strip of keys, or of columns of values
///   Products        see RegisterProducts
///   zero, broadcast, load, store, store_as, add, multiply_subtract, maximum, largest, total
///   exp2_terms, power_of_two, any_above             see exp2_of() and Flash::softmax()
///   Row<Element>    see PlainRow
///   pack_vector(vector, to); where rows have scales instead larger_size, multiply_add, store_whole(to, vector…)
///                                                   of one and of two
template <class Isa>
class Flash {
  using Packed = typename Isa::Packed;
  using Vector = typename Isa::Vector;
  using Products = typename Isa::Products;
  using Count = std::int64_t;

 public:
  static constexpr int query_tile = Products::query_tile;
  static constexpr int strip = Isa::lanes * Isa::vectors;
  static constexpr int scale_numbers = Isa::template Row<float>::scale_numbers;
  static constexpr FlashKernel kernel() {
    return {Products::key_multiple,
            Isa::lanes,
            Products::step_multiple,
            scale_numbers,
            sizeof(Packed),
            strip,
            query_tile,
            pack,
            attend};
  }

 private:
  static constexpr int rows_at_a_time = Products::rows;
  static constexpr Count most_keys = Products::most_keys;
  static constexpr Count block_bytes = 128 << 10;  // its packed keys fit in, so that they stay near

  static Count least(Count a, Count b) { return a < b ? a : b; }

  // The first token of one head.
  template <class Element, class Pointer>
  static auto* head_of(const FlashTokens<Pointer>& tokens, const FlashTask& task, Count batch,
                       Count head) {
    return static_cast<Element*>(tokens.first) + batch * tokens.batch_stride + head * task.width;
  }

  static void pack(const FlashTask& task, void* keys, void* values, Count begin, Count end) {
    with_element(task.element, [&](auto* element) {
      pack_as(element, task, static_cast<Packed*>(keys), static_cast<Packed*>(values), begin, end);
    });
  }

  // Both as matrices [rows, columns] are read: in strips of `strip` columns or what is left of them,
  // one after the other, each [rows / step][columns][step]. Keys [width, keys] are those of all
  // heads' keys at a time; values [keys, width]. What pads is 0.
  template <class Element>
  static void pack_as(const Element*, const FlashTask& task, Packed* keys, Packed* values,
                      Count begin, Count end) {
    const Count strips = (task.keys + strip - 1) / strip;
    for (Count index = begin; index < end; ++index) {
      const Count batch_head = index / strips, first = index % strips * strip;
      const Count batch = batch_head / task.heads, head = batch_head % task.heads;
      const Count padded = least(strip, task.padded_keys - first);
      const Count count = least(padded, task.keys - first);
      pack_keys(
          head_of<const Element>(task.k, task, batch, head) + first * task.k.token_stride, task,
          count, padded,
          keys + (batch_head * task.padded_keys + first) * (task.stepped_width + scale_numbers));
      pack_values(head_of<const Element>(task.v, task, batch, head) + first * task.v.token_stride,
                  task, first, count, padded, values + batch_head * values_size(task));
    }
  }

  // A head's.
  static Count values_size(const FlashTask& task) {
    return task.padded_keys * (task.padded_width + scale_numbers);
  }

  // A strip's scales come after it.
  template <class Element>
  static void pack_keys(const Element* key, const FlashTask& task, Count count, Count padded,
                        Packed* to) {
    fill_with_zeros(to, padded * (task.stepped_width + scale_numbers));
    for (Count token = 0; token < count; ++token, key += task.k.token_stride) {
      Packed* const column = to + token * Isa::step;
      const auto row = RowOf<Element>::of_key(key, task.width);
      pack_row(row, task.width, [&](Count x) { return column + x * padded; });
      put_scale(row, to + padded * task.stepped_width + token * scale_numbers);
    }
  }

  template <class Element>
  using RowOf = typename Isa::template Row<Element>;

  template <class Row>
  static void put_scale(const Row& row, Packed* to) {
    if constexpr (scale_numbers > 0) __builtin_memcpy(to, &row.scale, sizeof row.scale);
  }

  // `step` neighbours at a time. @param place  where those of x go
  template <class Row, class Place>
  static void pack_row(const Row& row, Count width, const Place& place) {
    Count x = 0;
    for (; x + Isa::step <= width; x += Isa::step) {
      Packed* const to = place(x);
#pragma GCC unroll 2
      for (Count i = 0; i < Isa::step; ++i) to[i] = row[x + i];
    }
    for (; x < width; ++x) place(x - x % Isa::step)[x % Isa::step] = row[x];
  }

  // The scales come after all strips.
  template <class Element>
  static void pack_values(const Element* value, const FlashTask& task, Count first, Count count,
                          Count padded, Packed* values) {
    Packed* const scales = values + task.padded_width * task.padded_keys;
    for (Count x = 0; x < task.padded_width; x += strip) {
      const Count columns = least(strip, task.padded_width - x);
      fill_with_zeros(values + x * task.padded_keys + first * columns, padded * columns);
    }
    if constexpr (scale_numbers > 0)
      fill_with_zeros(scales + first * scale_numbers, padded * scale_numbers);
    for (Count token = first; token < first + count; token += Isa::step) {
      const Count here = least(Isa::step, first + count - token);
      RowOf<Element> rows[Isa::step];
      for (Count i = 0; i < here; ++i, value += task.v.token_stride) {
        rows[i] = RowOf<Element>::of_value(value, task.width);
        put_scale(rows[i], scales + (token + i) * scale_numbers);
      }
      for (Count x = 0; x < task.width; x += strip) {
        const Count columns = least(strip, task.padded_width - x);
        const Count width = least(columns, task.width - x);
        Packed* const to = values + x * task.padded_keys + token * columns;
        if (here == Isa::step) {
          for (Count column = 0; column < width; ++column) {
#pragma GCC unroll 2
            for (Count i = 0; i < Isa::step; ++i) to[column * Isa::step + i] = rows[i][x + column];
          }
        } else {
          for (Count column = 0; column < width; ++column)
            to[column * Isa::step] = rows[0][x + column];
        }
      }
    }
  }

  static void fill_with_zeros(Packed* values, Count count) {
    __builtin_memset(values, 0, sizeof(Packed) * static_cast<std::size_t>(count));
  }

  // One tile's state: for each query its packed values, the sum of values so far [padded_width],
  // the largest score and the sum of exponentials.
  struct Tile {
    const FlashTask& task;
    const bool* seen;  // [keys] of this sample, or null
    Packed* q;
    float* sum;
    float scale[query_tile];  // of its scores
    float largest[query_tile];
    float total[query_tile][Isa::lanes];  // by vectors; a row's is their sum
  };

  // A block of keys and values, and scores and probabilities of some rows with them.
  struct Block {
    const Packed* keys;    // the block's
    const Packed* values;  // the head's
    Count first, count;    // count: a multiple of lanes
    float scale;           // of what probabilities are multiplied by, if values have scales
    alignas(64) float value_scales[scale_numbers > 0 ? most_keys : 1];  // as multiples of it
    alignas(64) float scores[rows_at_a_time][most_keys];
    alignas(64) Packed probabilities[rows_at_a_time][most_keys];
  };

  static void attend(const FlashTask& task, const void* keys, const void* values, float* scratch,
                     Count begin, Count end) {
    with_element(task.element, [&](auto* element) {
      attend_as(element, task, static_cast<const Packed*>(keys), static_cast<const Packed*>(values),
                scratch, begin, end);
    });
  }

  template <class Element>
  static void attend_as(const Element*, const FlashTask& task, const Packed* keys,
                        const Packed* values, float* scratch, Count begin, Count end) {
    const Count tiles = (task.queries + query_tile - 1) / query_tile;
    const Count fitting =
        block_bytes / (task.stepped_width * Count{sizeof(Packed)}) / strip * strip;
    const Count block_keys = fitting < strip ? strip : least(fitting, most_keys);
    [[maybe_unused]] const typename Products::Session session;
    Tile tile{task,    nullptr, reinterpret_cast<Packed*>(scratch + query_tile * task.padded_width),
              scratch, {},      {},
              {}};
    Block block;
    for (Count index = begin; index < end; ++index) {
      const Count batch_head = index / tiles, first = index % tiles * query_tile;
      const Count batch = batch_head / task.heads, head = batch_head % task.heads;
      const Count rows = least(query_tile, task.queries - first);
      start(tile, rows,
            head_of<const Element>(task.q, task, batch, head) + first * task.q.token_stride);
      tile.seen = task.seen == nullptr ? nullptr : task.seen + batch * task.keys;
      const Count visible = task.causal ? least(task.keys, first + rows) : task.keys;
      for (block.first = 0; block.first < visible; block.first += block_keys) {
        block.count = least(block_keys, task.padded_keys - block.first);
        block.keys = keys + (batch_head * task.padded_keys + block.first) *
                                (task.stepped_width + scale_numbers);
        block.values = values + batch_head * values_size(task);
        if constexpr (scale_numbers > 0) {
          take_value_scales(block, block.values + task.padded_width * task.padded_keys);
        }
        for (Count row = 0; row < rows; row += rows_at_a_time)
          look(tile, block, row, least(rows_at_a_time, rows - row), first);
      }
      finish(tile, rows,
             head_of<Element>(task.out, task, batch, head) + first * task.out.token_stride);
    }
  }

  // @param scales  the head's
  static void take_value_scales(Block& block, const Packed* scales) {
    const float* const from = reinterpret_cast<const float*>(scales) + block.first;
    const WholeScale all = whole_scale<Isa>(from, block.count, RowOf<float>::largest_probability);
    block.scale = all.scale;
    for (Count j = 0; j < block.count; j += Isa::lanes)
      Isa::store(block.value_scales + j, Isa::load(from + j) * Isa::broadcast(all.times));
  }

  // They lie as a product reads them: [tile / interleaved][width / step][interleaved][step].
  static Packed* query(const Tile& tile, Count row) {
    constexpr Count interleaved = Products::interleaved;
    return tile.q + (row / interleaved * tile.task.stepped_width * interleaved +
                     row % interleaved * Isa::step);
  }

  template <class Element>
  static void start(Tile& tile, Count rows, const Element* q) {
    const FlashTask& task = tile.task;
    for (Count row = 0; row < rows; ++row, q += task.q.token_stride) {
      Packed* const to = query(tile, row);
      const auto place = [to](Count x) { return to + x * Products::interleaved; };
      for (Count x = task.width / Isa::step * Isa::step; x < task.stepped_width; x += Isa::step)
        fill_with_zeros(place(x), Isa::step);
      const auto values = RowOf<Element>::of_key(q, task.width);
      pack_row(values, task.width, place);
      tile.scale[row] = task.scale;
      if constexpr (scale_numbers > 0) tile.scale[row] *= values.scale;
      for (Count x = 0; x < task.padded_width; ++x) tile.sum[row * task.padded_width + x] = 0;
      tile.largest[row] = -__builtin_inff();
      Isa::store(tile.total[row], Isa::zero());
    }
  }

  template <class Element>
  static void finish(const Tile& tile, Count rows, Element* out) {
    const FlashTask& task = tile.task;
    for (Count row = 0; row < rows; ++row, out += task.out.token_stride) {
      const float all = Isa::total(Isa::load(tile.total[row])), total = all == 0 ? 1 : all;
      const float* const sum = tile.sum + row * task.padded_width;
      Count x = 0;
      for (; x + Isa::lanes <= task.width; x += Isa::lanes)
        Isa::store_as(out + x, Isa::load(sum + x) / Isa::broadcast(total));
      for (; x < task.width; ++x) Isa::write(sum[x] / total, out[x]);
    }
  }

  // Lets some queries of a tile, from `row` on, look at a block. @param first  the tile's first query
  static void look(Tile& tile, Block& block, Count row, Count rows, Count first) {
    const FlashTask& task = tile.task;
    const Packed* const q = query(tile, row);
    for (Count at = 0; at < block.count; at += strip) {
      Products::multiply_keys(
          rows, least(Isa::vectors, (block.count - at) / Isa::lanes), q, task.stepped_width,
          block.keys + at * (task.stepped_width + scale_numbers), &block.scores[0][at]);
    }
    float rescale[rows_at_a_time];
    for (Count r = 0; r < rows; ++r) {
      hide(tile, block, block.scores[r], first + row + r);
      rescale[r] =
          softmax(block, r, tile.scale[row + r], tile.largest[row + r], tile.total[row + r]);
    }
    float* const sum = tile.sum + row * task.padded_width;
    for (Count x = 0; x < task.padded_width; x += strip) {
      const Count columns = least(strip, task.padded_width - x);
      Products::add_values(rows, columns / Isa::lanes, block.probabilities[0], block.count,
                           block.values + x * task.padded_keys + block.first * columns, block.scale,
                           rescale, sum + x, task.padded_width);
    }
  }

  // Scores of those keys of a block that query `index` does not look at: -inf.
  static void hide(const Tile& tile, const Block& block, float* scores, Count index) {
    const Count visible = tile.task.causal ? least(tile.task.keys, index + 1) : tile.task.keys;
    const Count left = visible - block.first;
    for (Count j = left < 0 ? 0 : left; j < block.count; ++j) scores[j] = -__builtin_inff();
    if (tile.seen == nullptr) return;
    for (Count j = 0; j < least(block.count, left); ++j) {
      if (!tile.seen[block.first + j]) scores[j] = -__builtin_inff();
    }
  }

  // Writes a row's probabilities, but for their common divisor. Returns what sums so far are to be
  // multiplied by.
  static float softmax(Block& block, Count row, float scale, float& largest, float* total) {
    const float* const scores = block.scores[row];
    Vector most = Isa::load(scores);
    for (Count j = Isa::lanes; j < block.count; j += Isa::lanes)
      most = Isa::maximum(most, Isa::load(scores + j));
    const Vector by = Isa::broadcast(scale);
    float rescale = 1;
    if (Isa::any_above(most * by, largest)) {  // seldom, after the first blocks
      const float before = largest;
      largest = Isa::largest(most) * scale;
      rescale = __builtin_exp2f(before - largest);
    }
    const Vector less = Isa::broadcast(largest == -__builtin_inff() ? 0 : largest);
    Vector sum = Isa::zero();
    const auto power_at = [&](Count j) {
      const Vector power = exp2_of<Isa>(Isa::multiply_subtract(Isa::load(scores + j), by, less));
      sum = Isa::add(sum, power);
      return power;
    };
    const Count count = block.count;
    Packed* const to = block.probabilities[row];
    if constexpr (scale_numbers > 0) {
      static_assert(Isa::vectors == 2);
      const auto scaled_at = [&](Count j) {
        return power_at(j) * Isa::load(block.value_scales + j);
      };
      Count j = 0;
      for (; j + strip <= count; j += strip) {
        const Vector first = scaled_at(j), second = scaled_at(j + Isa::lanes);
        Isa::store_whole(to + j, first, second);
      }
      if (j < count) Isa::store_whole(to + j, scaled_at(j));
    } else {
      for (Count j = 0; j < count; j += Isa::lanes) Isa::pack_vector(power_at(j), to + j);
    }
    Isa::store(total, Isa::multiply_add(Isa::load(total), Isa::broadcast(rescale), sum));
    return rescale;
  }
};

/// A token's packed values of one head. Isa has
///   pack            a float as Packed
///   read            single elements, see element_f16c.h
/// Another may have a `scale` of which they are multiples, and then `largest_probability`, what probabilities are
/// rounded to as WholeScale says.
template <class Isa, class Element>
class PlainRow {
 public:
  static constexpr int scale_numbers = 0;  ///< see FlashKernel

  PlainRow() = default;
  static PlainRow of_key(const Element* from, std::int64_t /*width*/) { return PlainRow(from); }
  static PlainRow of_value(const Element* from, std::int64_t /*width*/) { return PlainRow(from); }
  typename Isa::Packed operator[](std::int64_t x) const { return Isa::pack(Isa::read(from_[x])); }

 private:
  explicit PlainRow(const Element* from) : from_(from) {}
  const Element* from_ = nullptr;
};

/// Flash's products, by sums that stay in registers. Isa has besides what RegisterTile asks for
///   vectors         see Flash
///   longest_sum     how many products are added up before they are added to others
///   add, multiply_add
template <class Isa>
class RegisterProducts {
  using Packed = typename Isa::Packed;
  using Count = std::int64_t;

 public:
  static constexpr int rows = 6;  ///< queries that are worked on at once, at most
  /// Queries whose values lie beside each other, `step` of each.
  static constexpr int interleaved = rows;
  static constexpr int query_tile = 48;    ///< see FlashKernel; a multiple of `rows`
  static constexpr Count most_keys = 512;  ///< of a block; the stride of scores and probabilities
  static constexpr int key_multiple = Isa::lanes, step_multiple = Isa::step;  ///< see FlashTask
  /// Lives while there are products to come.
  struct Session {};

  /// scores [rows, most_keys] = queries · keys, for `count` vectors of keys. @param q  as Flash::query() has them
  static void multiply_keys(Count rows_here, Count count, const Packed* q, Count width,
                            const Packed* keys, float* scores) {
    with_number<rows>(rows_here, [&](auto of_rows) {
      with_number<Isa::vectors>(count, [&](auto vectors) {
        multiply_keys_as<of_rows.value, vectors.value>(q, width, keys, scores);
      });
    });
  }

  /// sum [rows, width] = sum * rescale + probabilities [rows, most_keys] · values [keys], for `count` vectors of
  /// columns. @param scale  of what is multiplied, where values have scales
  static void add_values(Count rows_here, Count count, const Packed* probabilities, Count keys,
                         const Packed* values, float /*scale*/, const float* rescale, float* sum,
                         Count width) {
    with_number<rows>(rows_here, [&](auto of_rows) {
      with_number<Isa::vectors>(count, [&](auto vectors) {
        add_values_as<of_rows.value, vectors.value>(probabilities, keys, values, rescale, sum,
                                                    width);
      });
    });
  }

 private:
  static Count least(Count a, Count b) { return a < b ? a : b; }

  template <int Rows, int Vectors>
  static void multiply_keys_as(const Packed* q, Count width, const Packed* keys, float* scores) {
    for (Count from = 0; from < width; from += Isa::longest_sum) {
      const Count to = least(width, from + Isa::longest_sum);
      RegisterTile<Isa, Rows, Vectors> tile;
      tile.add_product(q + from * interleaved, Isa::step, interleaved * Isa::step,
                       keys + from * Vectors * Isa::lanes, (to - from) / Isa::step);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
        for (int i = 0; i < Vectors; ++i) {
          float* const score = scores + r * most_keys + i * Isa::lanes;
          Isa::store(score,
                     from == 0 ? tile.sums[r][i] : Isa::add(Isa::load(score), tile.sums[r][i]));
        }
      }
    }
  }

  template <int Rows, int Vectors>
  static void add_values_as(const Packed* probabilities, Count keys, const Packed* values,
                            const float* rescale, float* sum, Count width) {
    for (Count from = 0; from < keys; from += Isa::longest_sum) {
      const Count to = least(keys, from + Isa::longest_sum);
      RegisterTile<Isa, Rows, Vectors> tile;
      tile.add_product(probabilities + from, most_keys, Isa::step,
                       values + from * Vectors * Isa::lanes, (to - from) / Isa::step);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const auto by = Isa::broadcast(from == 0 ? rescale[r] : 1);
#pragma GCC unroll 8
        for (int i = 0; i < Vectors; ++i) {
          float* const so_far = sum + r * width + i * Isa::lanes;
          Isa::store(so_far, Isa::multiply_add(Isa::load(so_far), by, tile.sums[r][i]));
        }
      }
    }
  }
};

}  // namespace velatura::ops
