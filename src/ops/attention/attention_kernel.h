#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace velatura::ops {

/// What can compute attention on the CPU, by what it asks of the processor: each has all that those
/// before it have.
enum class AttentionKernel {
  aten,         ///< at::scaled_dot_product_attention
  avx2,         ///< FlashAttention in float32
  avx512,       ///< FlashAttention in float32
  avx512_bf16,  ///< FlashAttention in bfloat16, with sums in float32
  amx_bf16,     ///< the same with products of tiles
};

/// "aten", "avx2", "avx512", "avx512_bf16", "amx_bf16"
const char* name_of(AttentionKernel kernel);

/// A processor, as far as kernels may use it.
struct AttentionProcessor {
  AttentionKernel best;
  bool multiplies_tiles;  ///< it has AMX
};

/// This one, within the limits that are set for libtorch's kernels (ATEN_CPU_CAPABILITY) and for
/// oneDNN's, which bound those in bfloat16 (ONEDNN_MAX_CPU_ISA).
AttentionProcessor attention_processor();

/// @param asked  a kernel's name, than which none better is used; empty: none was asked for
/// @param width  of a head
/// @throws UsageError  `asked` is unknown or not to be had
AttentionKernel choose_attention_kernel(const AttentionProcessor& processor, std::string_view asked,
                                        at::ScalarType dtype, std::int64_t width);

/// What ops::attention() computes with in this dtype on the CPU; $VELATURA_ATTENTION asks for one.
AttentionKernel attention_kernel(at::ScalarType dtype, std::int64_t width);

/// All that compute in this dtype here, whatever is asked for.
std::vector<AttentionKernel> available_attention_kernels(at::ScalarType dtype);

}  // namespace velatura::ops
