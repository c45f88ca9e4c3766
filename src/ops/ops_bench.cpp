// velatura_ops_bench: each op of this room beside the ATen calls it stands for, taking turns, at
// the shapes of Stable Diffusion 1.x with guidance (batch 2). Prints the best of
// the runs in ms of one thread.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>

#include "ops/attention/attention.h"
#include "ops/geglu.h"
#include "ops/group_norm_silu.h"
#include "ops/packed_conv2d.h"
#include "ops/packed_linear.h"

namespace {

using Call = std::function<at::Tensor()>;

constexpr int runs = 9;

// Of the processor, so that other programs do not count.
double milliseconds(const Call& call) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  const at::Tensor result = call();
  return now() - start;
}

std::string filter;  // only comparisons with this in their names

void compare(const std::string& what, const Call& aten, const Call& ours) {
  if (what.find(filter) == std::string::npos) return;
  const at::Tensor expected = aten().to(at::kFloat), actual = ours().to(at::kFloat);
  double best_aten = 1e30, best_ours = 1e30;
  for (int run = 0; run < runs; ++run) {
    best_aten = std::min(best_aten, milliseconds(aten));
    best_ours = std::min(best_ours, milliseconds(ours));
  }
  std::printf("%-62s %9.2f %9.2f %6.2fx  %.1e\n", what.c_str(), best_aten, best_ours,
              best_aten / best_ours,
              ((actual - expected).abs().max() / expected.abs().max()).item<double>());
  std::fflush(stdout);
}

at::Tensor image(at::IntArrayRef shape, at::ScalarType dtype) {
  return at::randn(shape).to(dtype).contiguous(at::MemoryFormat::ChannelsLast);
}

void compare_all(at::ScalarType dtype, const std::string& type) {
  for (const auto& [b, c, size] : {std::array<std::int64_t, 3>{2, 320, 64},
                                   {2, 640, 32},
                                   {2, 1280, 16},
                                   {2, 1280, 8},
                                   {1, 512, 64},
                                   {1, 128, 512}}) {
    const at::Tensor x = image({b, c, size, size}, dtype), weight = at::randn({c}).to(dtype),
                     bias = at::randn({c}).to(dtype);
    compare(
        type + " group_norm_silu " + std::to_string(b) + "x" + std::to_string(c) + "x" +
            std::to_string(size),
        [&] {
          at::Tensor normed = at::group_norm(x, 32, weight, bias, 1e-5);
          return at::silu_(normed);
        },
        [&] { return velatura::ops::group_norm_silu(x, 32, weight, bias, 1e-5, true); });
    compare(
        type + " group_norm " + std::to_string(b) + "x" + std::to_string(c) + "x" +
            std::to_string(size),
        [&] { return at::group_norm(x, 32, weight, bias, 1e-5); },
        [&] { return velatura::ops::group_norm_silu(x, 32, weight, bias, 1e-5, false); });
  }
  for (const auto& [tokens, wide] :
       {std::pair<std::int64_t, std::int64_t>{4096, 1280}, {1024, 2560}, {256, 5120}, {64, 5120}}) {
    const std::int64_t width = wide;
    const at::Tensor x = at::randn({2, tokens, 2 * width}).to(dtype);
    compare(
        type + " geglu 2x" + std::to_string(tokens) + "x" + std::to_string(width),
        [&] { return x.narrow(-1, 0, width) * at::gelu(x.narrow(-1, width, width)); },
        [&] { return velatura::ops::geglu(x); });
  }
  for (const auto& [in, out, size, kernel, step] : {std::array<std::int64_t, 5>{4, 320, 64, 3, 1},
                                                    {512, 512, 128, 3, 1},
                                                    {128, 128, 512, 3, 1},
                                                    {320, 320, 64, 3, 1},
                                                    {960, 320, 64, 3, 1},
                                                    {640, 640, 32, 3, 1},
                                                    {1280, 1280, 16, 3, 1},
                                                    {2560, 1280, 16, 3, 1},
                                                    {1280, 1280, 8, 3, 1},
                                                    {2560, 1280, 8, 3, 1},
                                                    {320, 320, 64, 3, 2},
                                                    {320, 320, 64, 1, 1},
                                                    {1280, 1280, 16, 1, 1},
                                                    {320, 4, 64, 3, 1}}) {
    const at::Tensor x = image({2, in, size, size}, dtype),
                     weight = (at::randn({out, in, kernel, kernel}) / 50).to(dtype),
                     bias = at::randn({out}).to(dtype);
    const std::int64_t padding = kernel / 2, stride = step;
    const velatura::ops::PackedConv2d conv(weight, bias, {stride, stride}, {padding, padding},
                                           x.sizes());
    compare(
        type + " conv " + std::to_string(in) + "->" + std::to_string(out) + " k" +
            std::to_string(kernel) + " s" + std::to_string(stride) + " at " + std::to_string(size),
        [&] {
          return at::conv2d(x, weight, bias, {stride, stride}, {padding, padding});
        },
        [&] { return conv(x); });
  }
  for (const auto& [rows, in, out] : {std::array<std::int64_t, 3>{8192, 320, 320},
                                      {8192, 320, 2560},
                                      {8192, 1280, 320},
                                      {2048, 640, 640},
                                      {2048, 640, 5120},
                                      {2048, 2560, 640},
                                      {512, 1280, 1280},
                                      {512, 1280, 10240},
                                      {512, 5120, 1280},
                                      {154, 768, 320},
                                      {154, 768, 1280},
                                      {2, 320, 1280},
                                      {77, 768, 3072},
                                      {512, 64, 64},
                                      {512, 64, 512},
                                      {128, 128, 128},
                                      {154, 64, 128},
                                      {2, 64, 256},
                                      {2, 256, 64}}) {
    const at::Tensor x = at::randn({rows, in}).to(dtype),
                     weight = (at::randn({out, in}) / 20).to(dtype),
                     bias = at::randn({out}).to(dtype);
    const velatura::ops::PackedLinear linear(weight, bias);
    compare(
        type + " linear " + std::to_string(rows) + " rows " + std::to_string(in) + "->" +
            std::to_string(out),
        [&] { return at::linear(x, weight, bias); }, [&] { return linear(x); });
    if (!velatura::ops::computes_with_int8()) continue;
    const velatura::ops::PackedLinear in_bytes(weight, bias, velatura::ops::WeightForm::int8);
    compare(
        type + " int8 linear (not ATen's: packed) " + std::to_string(rows) + " rows " +
            std::to_string(in) + "->" + std::to_string(out),
        [&] { return linear(x); }, [&] { return in_bytes(x); });
  }
}

// As queries, keys, heads and their width.
void compare_attention(at::ScalarType dtype, const std::string& type) {
  using velatura::ops::AttentionKernel;
  for (const auto& [pictures, queries, keys, count, wide] :
       {std::array<std::int64_t, 5>{2, 4096, 4096, 8, 40},
        {2, 1024, 1024, 8, 80},
        {2, 256, 256, 8, 160},
        {2, 64, 64, 8, 160},
        {2, 4096, 77, 8, 40},
        {2, 1024, 77, 8, 80},
        {2, 256, 77, 8, 160},
        {2, 64, 77, 8, 160},
        {2, 4096, 4096, 10, 64},
        {2, 9216, 9216, 5, 64},
        {1, 4096, 4096, 1, 512},
        {1, 577, 577, 12, 64},
        {2, 77, 77, 12, 64},
        {2, 256, 256, 4, 16},
        {2, 64, 64, 4, 16},
        {2, 64, 16, 2, 8}}) {
    const std::int64_t batch = pictures, heads = count, width = wide, rows = queries,
                       columns = keys;
    const auto tokens = [&](std::int64_t all) {
      return at::randn({batch, all, heads * width}).to(dtype);
    };
    const at::Tensor q = tokens(queries), k = tokens(keys), v = tokens(keys);
    const auto of = [&] {
      return " " + std::to_string(batch) + "x" + std::to_string(rows) + " at " +
             std::to_string(columns) + ", " + std::to_string(heads) + "x" + std::to_string(width);
    };
    const auto by_aten = [&] {
      return velatura::ops::attention_by(AttentionKernel::aten, q, k, v, heads);
    };
    for (const AttentionKernel kernel : velatura::ops::available_attention_kernels(dtype)) {
      if (kernel == AttentionKernel::aten) continue;
      compare(type + " attention " + velatura::ops::name_of(kernel) + of(), by_aten,
              [&] { return velatura::ops::attention_by(kernel, q, k, v, heads); });
    }
    if (velatura::ops::suits_attention_in_whole_numbers(dtype, width)) {
      compare(type + " attention in whole numbers" + of(), by_aten,
              [&] { return velatura::ops::attention_in_whole_numbers(q, k, v, heads); });
    }
  }
}

}  // namespace

// velatura_ops_bench [PART OF A NAME]
int main(int argc, char** argv) {
  if (argc > 1) filter = argv[1];
  c10::InferenceMode guard;
  at::set_num_threads(1);
  std::printf("%-62s %9s %9s %7s  %s\n", "", "ATen ms", "ours ms", "", "difference");
  compare_all(at::kFloat, "float32");
  compare_all(at::kBFloat16, "bfloat16");
  compare_attention(at::kFloat, "float32");
  compare_attention(at::kBFloat16, "bfloat16");
}
