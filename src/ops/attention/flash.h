#pragma once

#include <cstdint>

#include "ops/element.h"

// Files that are compiled for one instruction set include this: types alone, no functions, of which
// the linker could take theirs for other processors.
namespace velatura::ops {

/// A tensor [batch, tokens, heads * width] whose last dimension lies together; strides in elements.
template <class Pointer>
struct FlashTokens {
  Pointer first;
  std::int64_t batch_stride, token_stride;
};

/// One call of attention.
struct FlashTask {
  Element element;
  FlashTokens<const void*> q, k, v;
  FlashTokens<void*> out;
  std::int64_t batch, heads, queries, keys, width;  ///< width: of one head
  float scale;                                      ///< of scores, times log₂ e
  bool causal;
  const bool* seen;  ///< [batch, keys]: those that are looked at; null: all

  // Multiples of FlashKernel's.
  std::int64_t padded_keys;
  std::int64_t padded_width;   ///< of values and sums
  std::int64_t stepped_width;  ///< of queries and keys
};

/// FlashAttention (Dao et al. 2022; Dao 2023) on the CPU: keys and values are packed once, then
/// tiles of queries go over them block by block, with softmax by running maxima and sums. What a
/// kernel computes for a query depends on nothing but its own inputs. Both functions take a range of
/// what is to be done, for threads to share.
struct FlashKernel {
  std::int64_t key_multiple, width_multiple, step_multiple;  ///< see FlashTask
  /// Packed values whose place a scale takes, of which there is one for each key and each value; 0: none.
  std::int64_t scale_numbers;
  std::int64_t element_size;  ///< of packed values, in bytes
  std::int64_t key_strip;     ///< that pack() counts by
  std::int64_t query_tile;    ///< that attend() counts by

  /// @param keys    out, [batch * heads, padded_keys * (stepped_width + scale_numbers)]
  /// @param values  out, [batch * heads, padded_keys * (padded_width + scale_numbers)]
  /// @param begin, end  of batch * heads * ⌈keys / key_strip⌉
  void (*pack)(const FlashTask& task, void* keys, void* values, std::int64_t begin,
               std::int64_t end);
  /// @param scratch     of this thread, query_tile * (padded_width + stepped_width) floats that begin
  ///                    at a multiple of 64 bytes
  /// @param begin, end  of batch * heads * ⌈queries / query_tile⌉
  void (*attend)(const FlashTask& task, const void* keys, const void* values, float* scratch,
                 std::int64_t begin, std::int64_t end);
};

constexpr std::int64_t flash_widest_whole = 320;  ///< heads that flash_whole_avx2() takes

/// Null where the compiler does not know the instructions. Only for processors that have them.
const FlashKernel* flash_avx2();
const FlashKernel* flash_whole_avx2();  ///< with products of whole numbers
const FlashKernel* flash_avx512();
const FlashKernel* flash_avx512_bf16();
const FlashKernel* flash_amx_bf16();

}  // namespace velatura::ops
