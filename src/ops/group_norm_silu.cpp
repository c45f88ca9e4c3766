#include "ops/group_norm_silu.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/parallel.h"
#include "ops/group_norm_silu_kernel.h"

namespace velatura::ops {
namespace {

// Rows of a sample are worked on in this many chunks at most, whatever the number of threads, so
// that sums are added in the same order on every run.
constexpr std::int64_t max_chunks = 64;
constexpr std::int64_t min_rows = 16;

struct Moments {
  double sum = 0, sum_of_squares = 0;
};

at::Tensor sum_of(const at::Tensor& x, const std::optional<at::Tensor>& addend) {
  return addend && addend->defined() ? x + addend->unsqueeze(-1).unsqueeze(-1) : x;
}

at::Tensor group_norm_then_silu(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight,
                                const at::Tensor& bias, double eps, bool silu,
                                const std::optional<at::Tensor>& addend) {
  at::Tensor normed = at::group_norm(sum_of(x, addend), groups, weight, bias, eps);
  return silu ? at::silu_(normed) : normed;
}

// x and y: [batch, rows, channels], channels in groups of neighbours.
template <class T>
void normalise(const T* x, T* y, std::int64_t batch, std::int64_t rows, std::int64_t channels,
               std::int64_t groups, const float* weight, const float* bias, double eps, bool silu) {
  const std::int64_t chunk_rows = std::max(min_rows, (rows + max_chunks - 1) / max_chunks);
  const std::int64_t chunks = (rows + chunk_rows - 1) / chunk_rows;
  const std::int64_t group_channels = channels / groups;
  std::vector<Moments> moments(static_cast<std::size_t>(batch * chunks * groups));

  parallel_for(0, batch * chunks, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<double> sums(static_cast<std::size_t>(2 * channels));
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t sample = task / chunks, first = task % chunks * chunk_rows;
      std::fill(sums.begin(), sums.end(), 0.0);
      add_moments(x + (sample * rows + first) * channels, std::min(chunk_rows, rows - first),
                  channels, sums.data(), sums.data() + channels);
      for (std::int64_t group = 0; group < groups; ++group) {
        Moments& of_group = moments[static_cast<std::size_t>(task * groups + group)];
        const double* first_channel = sums.data() + group * group_channels;
        for (std::int64_t c = 0; c < group_channels; ++c) {
          of_group.sum += first_channel[c];
          of_group.sum_of_squares += first_channel[channels + c];
        }
      }
    }
  });

  std::vector<float> scale(static_cast<std::size_t>(batch * channels)), shift(scale.size());
  const auto count = static_cast<double>(rows * group_channels);
  for (std::int64_t sample = 0; sample < batch; ++sample) {
    for (std::int64_t group = 0; group < groups; ++group) {
      Moments total;
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        const Moments& part =
            moments[static_cast<std::size_t>((sample * chunks + chunk) * groups + group)];
        total.sum += part.sum;
        total.sum_of_squares += part.sum_of_squares;
      }
      const double mean = total.sum / count;
      // Rounding may leave a constant group a hair below zero; NaN must pass.
      const double variance = total.sum_of_squares / count - mean * mean;
      const double inverse_deviation = 1 / std::sqrt((variance < 0 ? 0 : variance) + eps);
      for (std::int64_t c = group * group_channels; c < (group + 1) * group_channels; ++c) {
        const double by = inverse_deviation * weight[c];
        scale[static_cast<std::size_t>(sample * channels + c)] = static_cast<float>(by);
        shift[static_cast<std::size_t>(sample * channels + c)] =
            static_cast<float>(bias[c] - mean * by);
      }
    }
  }

  parallel_for(0, batch * chunks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t sample = task / chunks, first = task % chunks * chunk_rows;
      const std::int64_t offset = (sample * rows + first) * channels;
      scale_shift(x + offset, y + offset, std::min(chunk_rows, rows - first), channels,
                  scale.data() + sample * channels, shift.data() + sample * channels, silu);
    }
  });
}

bool is_covered(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight,
                const at::Tensor& bias) {
  return x.is_cpu() && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
         x.numel() > 0 && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
         groups > 0 && x.size(1) % groups == 0 && weight.numel() == x.size(1) &&
         bias.numel() == x.size(1);
}

// Into y, which may be x.
void normalise_into(const at::Tensor& y, const at::Tensor& x, std::int64_t groups,
                    const at::Tensor& weight, const at::Tensor& bias, double eps, bool silu) {
  const at::Tensor weight32 = weight.to(at::kFloat).contiguous(),
                   bias32 = bias.to(at::kFloat).contiguous();
  const auto run = [&]<class T>(const T* in, T* out) {
    normalise(in, out, x.size(0), x.size(2) * x.size(3), x.size(1), groups,
              weight32.const_data_ptr<float>(), bias32.const_data_ptr<float>(), eps, silu);
  };
  if (x.scalar_type() == at::kFloat) {
    run(x.const_data_ptr<float>(), y.mutable_data_ptr<float>());
  } else {
    run(static_cast<const std::uint16_t*>(x.const_data_ptr()),
        static_cast<std::uint16_t*>(y.mutable_data_ptr()));
  }
}

at::Tensor group_norm_silu_cpu(const at::Tensor& input, std::int64_t groups,
                               const at::Tensor& weight, const at::Tensor& bias, double eps,
                               bool silu, const std::optional<at::Tensor>& addend) {
  const at::Tensor x = sum_of(input, addend);
  if (!is_covered(x, groups, weight, bias))
    return group_norm_then_silu(x, groups, weight, bias, eps, silu, {});
  at::Tensor y = at::empty_like(x, at::MemoryFormat::ChannelsLast);
  normalise_into(y, x, groups, weight, bias, eps, silu);
  return y;
}

}  // namespace

TORCH_LIBRARY(velatura, library) {
  library.def(
      "group_norm_silu(Tensor x, int groups, Tensor weight, Tensor bias, float eps, bool silu, "
      "Tensor? addend=None) -> Tensor");
  library.impl("group_norm_silu", c10::DispatchKey::CompositeExplicitAutograd,
               group_norm_then_silu);
  library.impl("group_norm_silu", c10::DispatchKey::CPU, group_norm_silu_cpu);
}

at::Tensor group_norm_silu(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight,
                           const at::Tensor& bias, double eps, bool silu,
                           const std::optional<at::Tensor>& addend) {
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("velatura::group_norm_silu", "")
                             .typed<decltype(group_norm_silu)>();
  return op.call(x, groups, weight, bias, eps, silu, addend);
}

at::Tensor group_norm_silu_over(at::Tensor x, std::int64_t groups, const at::Tensor& weight,
                                const at::Tensor& bias, double eps, bool silu) {
  if (!is_covered(x, groups, weight, bias))
    return group_norm_silu(x, groups, weight, bias, eps, silu);
  normalise_into(x, x, groups, weight, bias, eps, silu);
  return x;
}

}  // namespace velatura::ops
