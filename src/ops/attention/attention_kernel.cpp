#include "ops/attention/attention_kernel.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "core/environment.h"
#include "ops/processor.h"
#include "velatura/error.h"

namespace velatura::ops {
namespace {

constexpr std::array all = {AttentionKernel::aten, AttentionKernel::avx2, AttentionKernel::avx512,
                            AttentionKernel::avx512_bf16, AttentionKernel::amx_bf16};

// Of wider heads libtorch's is faster than AVX2's, whose sixteen registers wait for keys, and than AMX's, which is
// made for much softmax beside few products: by a third.
constexpr std::int64_t widest_of_ours = 256;

// oneDNN reads the name of a set in any case, under either of two variables.
std::string onednn_limit() {
  std::string limit = environment("ONEDNN_MAX_CPU_ISA");
  if (limit.empty()) limit = environment("DNNL_MAX_CPU_ISA");
  std::transform(limit.begin(), limit.end(), limit.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return limit;
}

bool onednn_may_use_avx512_bf16() {
  constexpr std::array<std::string_view, 7> without = {
      "SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI"};
  return std::find(without.begin(), without.end(), onednn_limit()) == without.end();
}

bool onednn_may_use_amx() {
  const std::string limit = onednn_limit();
  const bool names_a_set = limit.rfind("AVX", 0) == 0 || limit.rfind("SSE", 0) == 0;
  return !names_a_set || limit.find("AMX") != std::string::npos;
}

bool computes(AttentionKernel kernel, at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat:
    case at::kHalf:
      return kernel < AttentionKernel::avx512_bf16;
    case at::kBFloat16:
      return true;
    default:
      return kernel == AttentionKernel::aten;
  }
}

AttentionKernel best_within(AttentionKernel limit, at::ScalarType dtype) {
  AttentionKernel best = AttentionKernel::aten;
  for (const AttentionKernel kernel : all) {
    if (kernel <= limit && computes(kernel, dtype)) best = kernel;
  }
  return best;
}

}  // namespace

const char* name_of(AttentionKernel kernel) {
  switch (kernel) {
    case AttentionKernel::aten:
      return "aten";
    case AttentionKernel::avx2:
      return "avx2";
    case AttentionKernel::avx512:
      return "avx512";
    case AttentionKernel::avx512_bf16:
      return "avx512_bf16";
    case AttentionKernel::amx_bf16:
      return "amx_bf16";
  }
  return "";
}

AttentionProcessor attention_processor() {
  const Vectors vectors = widest_vectors();
  AttentionProcessor processor{AttentionKernel::aten, has_amx_bf16()};
  if (vectors == Vectors::none) return processor;
  processor.best = AttentionKernel::avx2;
  if (vectors == Vectors::avx2) return processor;
  processor.best = AttentionKernel::avx512;
  if (!has_avx512_bf16() || !onednn_may_use_avx512_bf16()) return processor;
  processor.best = AttentionKernel::avx512_bf16;
  if (has_amx_bf16() && onednn_may_use_amx() && may_use_amx())
    processor.best = AttentionKernel::amx_bf16;
  return processor;
}

AttentionKernel choose_attention_kernel(const AttentionProcessor& processor, std::string_view asked,
                                        at::ScalarType dtype, std::int64_t width) {
  if (asked.empty()) {
    const AttentionKernel best = best_within(processor.best, dtype);
    // There libtorch's attention goes through oneDNN's kernels for these tiles, which multiply
    // half precision several times as fast as AVX-512 does.
    if (processor.multiplies_tiles && dtype != at::kFloat && best != AttentionKernel::amx_bf16)
      return AttentionKernel::aten;
    const bool may_be_slow = best == AttentionKernel::avx2 || best == AttentionKernel::amx_bf16;
    return may_be_slow && width > widest_of_ours ? AttentionKernel::aten : best;
  }
  const std::string variable = "VELATURA_ATTENTION=" + std::string(asked) + ": ";
  const auto named = std::find_if(
      all.begin(), all.end(), [asked](AttentionKernel kernel) { return asked == name_of(kernel); });
  if (named == all.end())
    throw UsageError(variable + "expected aten, avx2, avx512, avx512_bf16 or amx_bf16");
  if (*named > processor.best) {
    throw UsageError(variable + "the best that this processor and the limits set for it allow is " +
                     name_of(processor.best));
  }
  return best_within(*named, dtype);
}

AttentionKernel attention_kernel(at::ScalarType dtype, std::int64_t width) {
  static const AttentionProcessor processor = attention_processor();
  static const std::string asked = environment("VELATURA_ATTENTION");
  return choose_attention_kernel(processor, asked, dtype, width);
}

std::vector<AttentionKernel> available_attention_kernels(at::ScalarType dtype) {
  const AttentionKernel best = attention_processor().best;
  std::vector<AttentionKernel> available;
  std::copy_if(all.begin(), all.end(), std::back_inserter(available),
               [&](AttentionKernel kernel) { return kernel <= best && computes(kernel, dtype); });
  return available;
}

}  // namespace velatura::ops
