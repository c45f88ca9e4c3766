#include "pipelines/denoisers/controlled_denoiser.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>

#include <utility>

namespace velatura::pipelines {
namespace {

bool same(const Region& a, const Region& b) {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

// The part of a hint that belongs to those latents.
at::Tensor part_of(const at::Tensor& hint, const Region& region, std::int64_t factor) {
  return hint.narrow(2, region.y * factor, region.height * factor)
      .narrow(3, region.x * factor, region.width * factor);
}

at::Tensor second_half(const at::Tensor& x) {
  return x.defined() ? x.chunk(2).back() : x;
}

at::Tensor with_zeros_before(const at::Tensor& x) {
  return x.defined() ? at::cat({at::zeros_like(x), x}) : x;
}

Residuals with_zeros_before(Residuals residuals) {
  for (auto& skip : residuals.skips) skip = with_zeros_before(skip);
  residuals.mid = with_zeros_before(residuals.mid);
  return residuals;
}

}  // namespace

ControlledDenoiser::ControlledDenoiser(std::unique_ptr<Denoiser> inner,
                                       const Conditioning& conditioning,
                                       std::optional<std::int64_t> class_label, Controls controls,
                                       bool guided)
    : inner_(std::move(inner)),
      controls_(std::move(controls)),
      guided_(guided),
      guess_(controls_.guess_mode || controls_.all.front().model->traits().pools),
      seen_(controls_.all.size()) {
  const at::Tensor& context = conditioning.context;
  told_.conditioning = {context, conditioning.pooled, conditioning.time_ids};
  if (class_label) {
    told_.class_labels =
        at::full({context.size(0)}, *class_label, context.options().dtype(at::kLong));
  }
  told_half_.class_labels = second_half(told_.class_labels);
  told_half_.conditioning = {second_half(context), second_half(conditioning.pooled),
                             second_half(conditioning.time_ids)};
}

at::Tensor ControlledDenoiser::predict(const DenoiseCall& call) const {
  DenoiseCall steered = call;
  for (std::size_t i = 0; i < controls_.all.size(); ++i) {
    const Control& control = controls_.all[i];
    if (!control.acts(call.step, call.steps)) continue;
    const bool half = guess_ && guided_ && control.model->traits().sees_prompt;
    auto& run = seen_[i].run;
    if (!seen_[i].region) run = control.model->begin(call.latents.device(), call.steps);
    BackboneInput input = input_of(call, half);
    input.run = run.get();
    auto residuals =
        control.model->residuals(input, features_of(i, call, half), {control.scale, guess_});
    add(steered.residuals, half ? with_zeros_before(std::move(residuals)) : residuals);
  }
  return inner_->predict(steered);
}

BackboneInput ControlledDenoiser::input_of(const DenoiseCall& call, bool half) const {
  BackboneInput input = half ? told_half_ : told_;
  input.latents = half ? second_half(call.latents) : call.latents;
  input.timesteps =
      at::full({input.latents.size(0)}, call.timestep, call.latents.options().dtype(at::kFloat));
  return input;
}

const HintFeatures& ControlledDenoiser::features_of(std::size_t control, const DenoiseCall& call,
                                                    bool half) const {
  Seen& seen = seen_[control];
  if (seen.region && same(*seen.region, call.region)) return seen.features;
  const auto& [model, hint, scale, start, end] = controls_.all[control];
  seen.features = model->features(part_of(hint, call.region, model->traits().hint_factor));
  if (guided_ && !half) {
    for (auto& feature : seen.features) feature = at::cat({feature, feature});
  }
  seen.region = call.region;
  return seen.features;
}

}  // namespace velatura::pipelines
