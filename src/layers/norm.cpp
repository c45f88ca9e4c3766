#include "layers/norm.h"

#include <ATen/ATen.h>

#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "ops/add_layer_norm.h"
#include "ops/group_norm_silu.h"

namespace velatura::layers {
namespace {

bool is_nobody_elses(const at::Tensor& x) {
  return x.use_count() == 1 && x.storage().use_count() == 1;
}

// Those of the first input, over all samples.
class Held : public NormStatistics {
 public:
  NormMoments of(const at::Tensor& x) override {
    if (!first_.mean.defined()) {
      std::tie(first_.variance, first_.mean) =
          at::var_mean(x.to(at::kFloat), {0, 2, 3, 4}, /*correction=*/0, /*keepdim=*/true);
    }
    return first_;
  }

 private:
  NormMoments first_;
};

}  // namespace

GroupNorm::GroupNorm(std::int64_t groups, std::int64_t channels, double eps)
    : groups_(groups),
      eps_(eps),
      weight_(declare("weight", {channels})),
      bias_(declare("bias", {channels})) {}

at::Tensor GroupNorm::forward(at::Tensor x) const {
  return normalise(std::move(x), /*silu=*/false, {});
}

at::Tensor GroupNorm::forward_silu(at::Tensor x, const at::Tensor& addend) const {
  return normalise(std::move(x), /*silu=*/true, addend);
}

at::Tensor GroupNorm::normalise(at::Tensor input, bool silu, const at::Tensor& addend) const {
  if (!statistics_ && !addend.defined() && is_nobody_elses(input))
    return ops::group_norm_silu_over(std::move(input), groups_, weight_, bias_, eps_, silu);
  if (!statistics_) {
    return ops::group_norm_silu(input, groups_, weight_, bias_, eps_, silu,
                                addend.defined() ? std::optional(addend) : std::nullopt);
  }
  const at::Tensor x = addend.defined() ? input + addend.unsqueeze(-1).unsqueeze(-1) : input;
  const auto by_channel = [&](const at::Tensor& values) {
    return values.to(at::kFloat).view({1, groups_, -1, 1, 1});
  };
  const auto [mean, variance] = statistics_->of(x.unflatten(1, {groups_, -1}));
  const at::Tensor scale = by_channel(weight_) * at::rsqrt(variance + eps_);
  const at::Tensor shift = by_channel(bias_) - mean * scale;
  at::Tensor normed = at::addcmul(shift.flatten(1, 2), x, scale.flatten(1, 2)).to(x.scalar_type());
  return silu ? at::silu_(normed) : normed;
}

HeldStatistics::HeldStatistics(Module& model) : model_(model) {
  model_.apply([](Module& module) {
    if (auto* const norm = dynamic_cast<GroupNorm*>(&module)) norm->go_by(std::make_shared<Held>());
  });
}

HeldStatistics::~HeldStatistics() {
  model_.apply([](Module& module) {
    if (auto* const norm = dynamic_cast<GroupNorm*>(&module)) norm->go_by(nullptr);
  });
}

LayerNorm::LayerNorm(std::int64_t channels, double eps)
    : channels_(channels),
      eps_(eps),
      weight_(declare("weight", {channels})),
      bias_(declare("bias", {channels})) {}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  return at::layer_norm(x, {channels_}, weight_, bias_, eps_);
}

std::tuple<at::Tensor, at::Tensor> LayerNorm::forward_sum(const at::Tensor& x,
                                                          const at::Tensor& residual) const {
  return ops::add_layer_norm(x, residual, weight_, bias_, eps_);
}

}  // namespace velatura::layers
