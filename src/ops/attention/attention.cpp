#include "ops/attention/attention.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "core/parallel.h"
#include "ops/attention/flash.h"
#include "ops/element_of.h"
#include "ops/parts_of.h"

namespace velatura::ops {
namespace {

constexpr std::int64_t grain_multiplications = 1 << 20;
constexpr std::int64_t widest_cuda_head = 256;  // of libtorch's fused kernels
// With fewer keys cuDNN's plan, one a shape, takes longer than it saves.
constexpr std::int64_t fewest_cudnn_keys = 128;
// With fewer queries flash attention splits even those keys, and takes two kernels.
constexpr std::int64_t fewest_flash_queries = 1024;
constexpr std::int64_t score_elements = 32LL << 20;  // of a part of the queries

/// While it lives, libtorch does not choose cuDNN, nor flash attention where there are few queries as well: it
/// has the memory-efficient kernel.
class ForShortKeys {
 public:
  explicit ForShortKeys(std::int64_t queries)
      : cudnn_(at::globalContext().userEnabledCuDNNSDP()),
        flash_(at::globalContext().userEnabledFlashSDP()) {
    at::globalContext().setSDPUseCuDNN(false);
    at::globalContext().setSDPUseFlash(flash_ && queries >= fewest_flash_queries);
  }
  ~ForShortKeys() {
    at::globalContext().setSDPUseCuDNN(cudnn_);
    at::globalContext().setSDPUseFlash(flash_);
  }
  ForShortKeys(const ForShortKeys&) = delete;
  ForShortKeys& operator=(const ForShortKeys&) = delete;

 private:
  bool cudnn_, flash_;
};

// libtorch does not ask whether cuDNN has a plan.
template <class Attend>
at::Tensor without_cudnn_if_refused(const Attend& attend) {
  at::Context& context = at::globalContext();
  try {
    return attend();
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const c10::Error&) {
    if (!context.userEnabledCuDNNSDP()) throw;
  }
  context.setSDPUseCuDNN(false);  // from here on
  return attend();
}

at::Tensor attention_by_aten(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             std::int64_t heads, const AttentionMask& mask) {
  const auto split = [heads](const at::Tensor& x) {
    return x.unflatten(-1, {heads, -1}).transpose(1, 2);  // [B, heads, N, d]
  };
  std::optional<at::Tensor> seen;
  bool causal = mask.causal;
  if (mask.keys.defined()) {
    seen = mask.keys.unsqueeze(1).unsqueeze(1);  // [B, 1, 1, T]
    if (causal) {
      seen = *seen & at::ones({q.size(1), k.size(1)}, mask.keys.options()).tril();
      causal = false;
    }
  }
  const auto attend = [&] {
    return at::scaled_dot_product_attention(split(q), split(k), split(v), seen, 0.0, causal);
  };
  const auto on_gpu = [&] {
    if (k.size(1) >= fewest_cudnn_keys) return without_cudnn_if_refused(attend);
    const ForShortKeys guard(q.size(1));
    return attend();
  };
  const auto out = q.is_cuda() ? on_gpu() : attend();
  return out.transpose(1, 2).flatten(2);  // [B, N, heads * d]
}

const FlashKernel* flash_kernel(AttentionKernel kernel) {
  switch (kernel) {
    case AttentionKernel::avx2:
      return flash_avx2();
    case AttentionKernel::avx512:
      return flash_avx512();
    case AttentionKernel::avx512_bf16:
      return flash_avx512_bf16();
    case AttentionKernel::amx_bf16:
      return flash_amx_bf16();
    default:
      return nullptr;
  }
}

// Shares `count` things of so many multiplications each among threads.
template <class Work>
void share(std::int64_t count, std::int64_t multiplications, const Work& work) {
  parallel_for(0, count, std::max<std::int64_t>(1, grain_multiplications / multiplications), work);
}

void run_flash(const FlashKernel& kernel, const FlashTask& task) {
  const std::int64_t batch_heads = task.batch * task.heads;
  const auto bytes = [](std::int64_t count) {
    return at::empty({count}, at::TensorOptions().dtype(at::kByte));
  };
  const at::Tensor keys = bytes(batch_heads * task.padded_keys *
                                (task.stepped_width + kernel.scale_numbers) * kernel.element_size);
  const at::Tensor values = bytes(batch_heads * task.padded_keys *
                                  (task.padded_width + kernel.scale_numbers) * kernel.element_size);

  const std::int64_t parts = parts_of(task.keys, kernel.key_strip);
  share(batch_heads * parts, kernel.key_strip * task.width * 4,
        [&](std::int64_t begin, std::int64_t end) {
          kernel.pack(task, keys.mutable_data_ptr(), values.mutable_data_ptr(), begin, end);
        });
  const std::int64_t tiles = parts_of(task.queries, kernel.query_tile);
  share(batch_heads * tiles, kernel.query_tile * task.padded_keys * task.padded_width * 2,
        [&](std::int64_t begin, std::int64_t end) {
          const at::Tensor scratch =
              at::empty({kernel.query_tile * (task.padded_width + task.stepped_width)},
                        at::TensorOptions().dtype(at::kFloat));
          kernel.attend(task, keys.const_data_ptr(), values.const_data_ptr(),
                        scratch.mutable_data_ptr<float>(), begin, end);
        });
}

// Of heads that no fused kernel of libtorch's is made for: products, a part of the queries at a time.
at::Tensor attention_by_products(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                 std::int64_t heads) {
  const auto split = [heads](const at::Tensor& x) {
    return x.unflatten(-1, {heads, -1}).transpose(1, 2).flatten(0, 1);  // [B * heads, N, d]
  };
  // Scaled beforehand: half precision has no room for what is not.
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(-1)) / static_cast<double>(heads));
  const at::Tensor queries = split(q) * scale, keys = split(k).transpose(1, 2), values = split(v);
  const std::int64_t all = queries.size(1);
  const std::int64_t part =
      std::max<std::int64_t>(1, score_elements / (queries.size(0) * values.size(1)));
  std::vector<at::Tensor> parts;
  for (std::int64_t begin = 0; begin < all; begin += part) {
    const auto some = queries.narrow(1, begin, std::min(part, all - begin));
    parts.push_back(at::bmm(at::softmax(at::bmm(some, keys), -1), values));
  }
  const at::Tensor out = parts.size() == 1 ? parts.front() : at::cat(parts, 1);
  return out.unflatten(0, {q.size(0), heads}).transpose(1, 2).flatten(2);
}

at::Tensor attention_by_flash(const FlashKernel& flash, const at::Tensor& q, const at::Tensor& k,
                              const at::Tensor& v, std::int64_t heads, const AttentionMask& mask) {
  if (q.numel() == 0 || k.numel() == 0) return attention_by_aten(q, k, v, heads, mask);
  TORCH_CHECK(q.dim() == 3 && k.sizes() == v.sizes() && q.size(0) == k.size(0) &&
                  q.size(2) == k.size(2) && q.size(2) % heads == 0,
              "attention: q ", q.sizes(), ", k ", k.sizes(), " and v ", v.sizes(), " with ", heads,
              " heads");
  TORCH_CHECK(k.scalar_type() == q.scalar_type() && v.scalar_type() == q.scalar_type(),
              "attention: q, k and v differ in dtype");
  const auto dense = [](const at::Tensor& x) { return x.stride(2) == 1 ? x : x.contiguous(); };
  const at::Tensor dense_q = dense(q), dense_k = dense(k), dense_v = dense(v);
  at::Tensor out = at::empty(q.sizes(), q.options());
  const at::Tensor seen = mask.keys.defined() ? mask.keys.contiguous() : at::Tensor();
  const auto tokens = [](const at::Tensor& x) {
    return FlashTokens<const void*>{x.const_data_ptr(), x.stride(0), x.stride(1)};
  };
  FlashTask task{};
  task.element = element_of(q.scalar_type());
  task.q = tokens(dense_q);
  task.k = tokens(dense_k);
  task.v = tokens(dense_v);
  task.out = {out.mutable_data_ptr(), out.stride(0), out.stride(1)};
  task.batch = q.size(0);
  task.heads = heads;
  task.queries = q.size(1);
  task.keys = k.size(1);
  task.width = q.size(2) / heads;
  task.scale = static_cast<float>(std::numbers::log2e / std::sqrt(static_cast<double>(task.width)));
  task.causal = mask.causal;
  task.seen = seen.defined() ? seen.const_data_ptr<bool>() : nullptr;
  task.padded_keys = up_to_multiple(task.keys, flash.key_multiple);
  task.padded_width = up_to_multiple(task.width, flash.width_multiple);
  task.stepped_width = up_to_multiple(task.width, flash.step_multiple);
  run_flash(flash, task);
  return out;
}

}  // namespace

at::Tensor attention_by(AttentionKernel kernel, const at::Tensor& q, const at::Tensor& k,
                        const at::Tensor& v, std::int64_t heads, const AttentionMask& mask) {
  const FlashKernel* const flash = flash_kernel(kernel);
  return flash == nullptr ? attention_by_aten(q, k, v, heads, mask)
                          : attention_by_flash(*flash, q, k, v, heads, mask);
}

at::Tensor attention_in_whole_numbers(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                      std::int64_t heads, const AttentionMask& mask) {
  return attention_by_flash(*flash_whole_avx2(), q, k, v, heads, mask);
}

bool suits_attention_in_whole_numbers(at::ScalarType dtype, std::int64_t width) {
  return flash_whole_avx2() != nullptr && width <= flash_widest_whole &&
         attention_kernel(dtype, width) == AttentionKernel::avx2;
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     std::int64_t heads, const AttentionMask& mask, WeightForm weights) {
  const std::int64_t width = q.size(-1) / heads;
  const bool masked = mask.causal || mask.keys.defined();
  if (q.is_cuda() && width > widest_cuda_head && !masked)
    return attention_by_products(q, k, v, heads);
  if (weights == WeightForm::int8 && q.is_cpu() &&
      suits_attention_in_whole_numbers(q.scalar_type(), width))
    return attention_in_whole_numbers(q, k, v, heads, mask);
  const AttentionKernel kernel =
      q.is_cpu() ? attention_kernel(q.scalar_type(), width) : AttentionKernel::aten;
  return attention_by(kernel, q, k, v, heads, mask);
}

}  // namespace velatura::ops
