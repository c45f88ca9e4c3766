#include "samplers/run.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/promote_types.h>
#include <ATen/ops/quantile.h>
#include <ATen/ops/zeros.h>

#include <span>
#include <utility>
#include <vector>

#include "velatura/error.h"

namespace velatura::samplers {
namespace {

/// The tensors of a running plan.
class Values {
 public:
  Values(int count, const at::Tensor& latents)
      : tensors_(static_cast<std::size_t>(count)),
        shape_(latents.sizes().vec()),
        arithmetic_(latents.options().dtype(
            at::promote_types(latents.scalar_type(), at::ScalarType::Float))) {
    at(0) = latents;
  }

  // A model's answer, with or without a spread.
  void take(const Step& step, const at::Tensor& answer) {
    const std::int64_t channels = shape_.at(1);
    if (answer.size(1) != 2 * channels) {
      if (step.spread) {
        throw InputError(
            "the scheduler's variance_type is \"learned_range\", expected a fixed one: this model does "
            "not predict variances");
      }
      at(step.output) = answer;
      return;
    }
    at(step.output) = answer.narrow(1, 0, channels);
    if (step.spread) at(*step.spread) = answer.narrow(1, channels, channels);
  }

  at::Tensor evaluate(const Scale& scale) {
    const at::Tensor exponent = at(scale.exponent).to(arithmetic_);
    return (exponent * scale.log_slope + scale.log_offset).exp_() *
           at(scale.factor).to(arithmetic_);
  }

  at::Tensor& at(Value value) { return tensors_[static_cast<std::size_t>(value)]; }

  // In the order of the formula, (x + b y + …) / a: where large numbers cancel, as in a step from
  // sigma 4096, diffusers' result is met only with its roundings.
  at::Tensor evaluate(const Sum& sum) {
    if (sum.terms().empty()) return at::zeros(shape_, arithmetic_);
    const Term& first = sum.terms().front();
    at::Tensor result = at(first.value).to(arithmetic_);
    for (const Term& term : std::span(sum.terms()).subspan(1)) {
      result = result + at(term.value).to(arithmetic_) * (term.weight / first.weight);
    }
    return first.weight == 1.0 ? result : result / (1.0 / first.weight);
  }

 private:
  std::vector<at::Tensor> tensors_;
  std::vector<std::int64_t> shape_;
  at::TensorOptions arithmetic_;
};

struct Limiter {
  const at::Tensor& x;  // [B, C, …]

  at::Tensor operator()(std::monostate) const { return x; }
  at::Tensor operator()(const Clip& clip) const { return x.clamp(-clip.range, clip.range); }
  at::Tensor operator()(const Threshold& threshold) const {
    const at::Tensor flat = x.flatten(1);  // [B, C*h*w]
    const at::Tensor s = at::quantile(flat.abs(), threshold.ratio, 1, /*keepdim=*/true)
                             .clamp(1.0, threshold.max);  // [B, 1]
    return (at::minimum(at::maximum(flat, -s), s) / s).view_as(x);
  }
};

}  // namespace

at::Tensor run(const Plan& plan, at::Tensor latents, const Model& model, const Noise& noise,
               const OnStep& on_step) {
  const at::ScalarType dtype = latents.scalar_type();
  Values values(plan.values, latents);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    values.take(step, model(values.evaluate(step.input).to(dtype), step.timestep, i));
    for (const Instruction& instruction : step.instructions) {
      if (const auto* draw = std::get_if<Draw>(&instruction)) {
        values.at(draw->result) = noise();
      } else if (const auto* scale = std::get_if<Scale>(&instruction)) {
        values.at(scale->result) = values.evaluate(*scale);
      } else {
        const Combine& combine = std::get<Combine>(instruction);
        values.at(combine.result) =
            std::visit(Limiter{values.evaluate(combine.sum)}, combine.limit);
      }
    }
    latents = values.at(step.latents).to(dtype);
    if (on_step) on_step(i, latents);
    values.at(step.latents) = latents;
    for (const Value value : step.done) values.at(value).reset();
  }
  return latents;
}

}  // namespace velatura::samplers
