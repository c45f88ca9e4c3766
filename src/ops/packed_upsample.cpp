#include "ops/packed_upsample.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "core/block_cache.h"
#include "core/parallel.h"
#include "ops/onednn.h"

namespace velatura::ops {
namespace {

using PackTransposed = at::Tensor(const at::Tensor& weight, at::IntArrayRef padding,
                                  at::IntArrayRef output_padding, at::IntArrayRef stride,
                                  at::IntArrayRef dilation, std::int64_t groups,
                                  at::OptionalIntArrayRef input_size);
using ConvolveTransposed = at::Tensor(const at::Tensor& x, const at::Tensor& weight,
                                      const std::optional<at::Tensor>& bias,
                                      at::IntArrayRef padding, at::IntArrayRef output_padding,
                                      at::IntArrayRef stride, at::IntArrayRef dilation,
                                      std::int64_t groups, std::string_view pointwise,
                                      c10::List<std::optional<at::Scalar>> scalars,
                                      std::optional<std::string_view> algorithm);

constexpr std::array<std::int64_t, 2> by_one{1, 1}, by_two{2, 2}, none{0, 0};
constexpr std::int64_t channels_at_a_time = 16;  // reads and writes then share cache lines

// Weights a, b, c of an enlarged row's last, own and next pixel → those of the small row's pixels.
// Output 2i sees pixels i - 1 (a) and i (b, c), output 2i + 1 pixels i (a, b) and i + 1 (c); transposed,
// tap t of pixel i goes to output 2i + t - 1.
std::array<float, 4> fold(float a, float b, float c) {
  return {c, b + c, a + b, a};
}

// [out, in, 3, 3] → [in, out, 4, 4]
template <class T>
void fold_kernels(const T* weight, T* folded, std::int64_t out, std::int64_t in) {
  const std::int64_t parts = (in + channels_at_a_time - 1) / channels_at_a_time;
  parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) {
      const std::int64_t first = part * channels_at_a_time;
      const std::int64_t last = std::min(in, first + channels_at_a_time);
      for (std::int64_t o = 0; o < out; ++o) {
        for (std::int64_t i = first; i < last; ++i) {
          const T* const from = weight + (o * in + i) * 9;
          T* const to = folded + (i * out + o) * 16;
          std::array<std::array<float, 4>, 3> columns;  // [column of three][row of four]
          for (std::size_t x = 0; x < 3; ++x) columns[x] = fold(from[x], from[3 + x], from[6 + x]);
          for (std::size_t y = 0; y < 4; ++y) {
            const auto row = fold(columns[0][y], columns[1][y], columns[2][y]);
            for (std::size_t x = 0; x < 4; ++x) to[y * 4 + x] = static_cast<T>(row[x]);
          }
        }
      }
    }
  });
}

at::Tensor folded_kernels(const at::Tensor& weight) {
  const at::Tensor dense = weight.contiguous();
  at::Tensor folded = at::empty({weight.size(1), weight.size(0), 4, 4}, weight.options());
  const auto run = [&]<class T>(const T* from) {
    fold_kernels(from, folded.mutable_data_ptr<T>(), weight.size(0), weight.size(1));
  };
  if (weight.scalar_type() == at::kFloat) {
    run(dense.const_data_ptr<float>());
  } else if (weight.scalar_type() == at::kBFloat16) {
    run(dense.const_data_ptr<at::BFloat16>());
  } else {
    run(dense.const_data_ptr<at::Half>());
  }
  return folded;
}

// [out, in, 4, 4] → [out, in, 3, 3], but for rounding of the sums
at::Tensor unfolded_kernels(const at::Tensor& folded) {
  const auto along = [](const at::Tensor& kernels, std::int64_t axis) {
    const auto taps = kernels.unbind(axis);
    return at::stack({taps[3], taps[1] - taps[0], taps[0]}, axis);
  };
  return along(along(folded.to(at::kFloat), 2), 3).to(folded.scalar_type());
}

}  // namespace

PackedUpsample::PackedUpsample(const at::Tensor& weight, at::Tensor bias,
                               at::OptionalIntArrayRef input_size, WeightForm form)
    : bias_(std::move(bias)) {
  if (WinogradConv2d::suits(weight, form)) {
    winograd_.emplace(weight, bias_, form);
    return;
  }
  if (!weight.is_cpu() || !onednn_computes(weight.scalar_type())) {
    conv_.emplace(weight, bias_, by_one, by_one, std::nullopt);
    return;
  }
  const KeptMemory kept;
  static const auto pack =
      onednn_operator<PackTransposed>("mkldnn::_reorder_convolution_transpose_weight");
  folded_ = pack.call(folded_kernels(weight), by_one, none, by_two, by_one, 1, input_size);
}

at::Tensor PackedUpsample::operator()(const at::Tensor& x, at::IntArrayRef size) const {
  const bool doubles = size[0] == 2 * x.size(2) && size[1] == 2 * x.size(3);
  if (winograd_)
    return doubles ? winograd_->of_doubled(x) : (*winograd_)(at::upsample_nearest2d(x, size));
  if (folded_.defined() && doubles) {
    static const auto convolve =
        onednn_operator<ConvolveTransposed>("mkldnn::_convolution_transpose_pointwise");
    const std::optional<at::Tensor> bias = bias_.defined() ? std::optional(bias_) : std::nullopt;
    return convolve.call(x, folded_, bias, by_one, none, by_two, by_one, 1, "none",
                         c10::List<std::optional<at::Scalar>>(), std::nullopt);
  }
  const at::Tensor enlarged = at::upsample_nearest2d(x, size);
  if (!conv_) {
    conv_.emplace(unfolded_kernels(folded_.to_dense()), bias_, by_one, by_one, std::nullopt);
  }
  return (*conv_)(enlarged);
}

}  // namespace velatura::ops
