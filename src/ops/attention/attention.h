#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "ops/attention/attention_kernel.h"
#include "ops/int8_weight.h"

namespace velatura::ops {

/// Which keys a query looks at; all of them if nothing is said.
struct AttentionMask {
  bool causal = false;   ///< query n looks at keys 0 … n only
  at::Tensor keys = {};  ///< [B, T] bool, true: is looked at; undefined: all are
};

/// softmax(q kᵀ / √d) v over heads (Vaswani et al. 2017). What a query that looks at no key gets is 0.
/// On the CPU by attention_kernel(), elsewhere by libtorch's.
/// @param q     [B, N, heads * d], the last dimension's values side by side; others may be strided
/// @param k, v  [B, T, heads * d]
/// @param weights  of the layers around it: beside int8, attention_in_whole_numbers() where that suits
/// @return      [B, N, heads * d], the same bits whatever the number of threads
/// @throws UsageError  see attention_kernel()
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     std::int64_t heads, const AttentionMask& mask = {},
                     WeightForm weights = WeightForm::plain);

/// The same by a kernel of choice, which must be among available_attention_kernels().
at::Tensor attention_by(AttentionKernel kernel, const at::Tensor& q, const at::Tensor& k,
                        const at::Tensor& v, std::int64_t heads, const AttentionMask& mask = {});

/// The same with queries, keys, values and probabilities as whole numbers of 16 bits, multiples of a scale for each
/// token: where everything else is rounded as coarsely, as beside weights held as int8. Of what
/// suits_attention_in_whole_numbers().
at::Tensor attention_in_whole_numbers(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                      std::int64_t heads, const AttentionMask& mask = {});

/// Whether it is faster: on the CPU where AVX2 is the best there is and attention() would use it.
/// @param width  of a head
bool suits_attention_in_whole_numbers(at::ScalarType dtype, std::int64_t width);

}  // namespace velatura::ops
