#include "pipelines/picture_group.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>

#include <optional>
#include <utility>
#include <vector>

#include "pipelines/denoise_loop.h"
#include "pipelines/denoisers/make_denoiser.h"
#include "pipelines/joined_batch.h"

namespace velatura::pipelines {
namespace {

// The latents that a request gives its picture to start from: [1, C, h, w], a view; or undefined.
at::Tensor given_latents(const PictureRequest& request, int image) {
  if (!request.latents) return {};
  const auto& [shape, values] = *request.latents;
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).narrow(0, image, 1);
}

using ConditioningOf = const PromptConditioning& (*)(const ReadyRequest& ready);

const PromptConditioning& own_conditioning(const ReadyRequest& ready) {
  return ready.conditioning;
}
const PromptConditioning& refining_conditioning(const ReadyRequest& ready) {
  return ready.refining->conditioning;
}

// Of all pictures; with guidance twice that: first the negative prompts.
Conditioning conditioning_of(std::span<const GroupItem> group, ConditioningOf of) {
  std::vector<Conditioning> parts;
  if (of(*group.front().ready).guided()) {
    for (const auto& item : group) parts.push_back(of(*item.ready).negative_prompt);
  }
  for (const auto& item : group) parts.push_back(of(*item.ready).prompt);
  return join(parts);
}

// Of a request of a group, whichever: in that they agree.
std::optional<Guidance> guidance_of(const ReadyRequest& any, ConditioningOf of) {
  if (!of(any).guided()) return std::nullopt;
  return Guidance{any.request.guidance_scale.value(), any.request.guidance_rescale};
}

// In the hints alone do the pictures differ.
Controls controls_of(std::span<const GroupItem> group, at::Device device) {
  const ReadyRequest& any = *group.front().ready;
  Controls controls{.guess_mode = any.request.guess_mode};
  for (std::size_t i = 0; i < any.controls.size(); ++i) {
    std::vector<at::Tensor> hints;
    for (const auto& item : group) hints.push_back(item.ready->controls[i].control.hint);
    controls.all.push_back(any.controls[i].control);
    controls.all.back().hint = at::cat(hints).to(device);
  }
  return controls;
}

DenoiserOptions denoiser_options(std::span<const GroupItem> group, const Batch& batch,
                                 at::Device device) {
  const ReadyRequest& any = *group.front().ready;  // in all that matters here they are alike
  return {.conditioning = conditioning_of(group, own_conditioning),
          .adapter_steps = adapter_steps(any.request),
          .guidance = guidance_of(any, own_conditioning),
          .class_label = any.prepared.class_label,
          .tiling = any.prepared.tiling,
          .channels = batch.channels,
          .controls = controls_of(group, device)};
}

// What follows; its noise is read on from the same streams.
at::Tensor refine(const LatentModel& refiner, std::span<const GroupItem> group, at::Tensor latents,
                  BatchNoise& noise, Progress progress, Observer& observer) {
  const ReadyRequest& any = *group.front().ready;
  const auto denoiser = make_denoiser(
      refiner.backbone, {.conditioning = conditioning_of(group, refining_conditioning),
                         .guidance = guidance_of(any, refining_conditioning)});
  try {
    return denoise(any.refining->plan, {.latents = std::move(latents)}, *denoiser, noise, progress,
                   observer);
  } catch (const NotFinite& fault) {
    throw refiner.backbone->not_finite(fault.when);
  }
}

}  // namespace

GroupStart start_group(std::span<const GroupItem> group, at::Device device) {
  std::vector<Batch> parts;
  std::vector<NoiseSource> sources;
  for (const auto& [ready, image] : group) {
    sources.emplace_back(ready->seed_of(image));
    BatchNoise own({sources.back()}, device, given_latents(ready->request, image));
    parts.push_back(ready->prepared.batch(own, ready->plan));
  }
  return {join(parts), BatchNoise(std::move(sources), device)};
}

at::Tensor denoise_group(const LatentModel& model, std::span<const GroupItem> group,
                         Progress progress, Observer& observer) {
  auto [batch, noise] = start_group(group, model.placement.device);
  auto denoiser =
      make_denoiser(model.backbone, denoiser_options(group, batch, model.placement.device));
  const ReadyRequest& any = *group.front().ready;
  const auto own_steps = static_cast<int>(any.plan.steps.size());
  if (any.refining) progress.total = static_cast<int>(any.refining->plan.steps.size());
  at::Tensor latents;
  try {
    latents = denoise(any.plan, batch, *denoiser, noise, progress, observer);
  } catch (const NotFinite& fault) {
    for (const ReadyControl& beside : any.controls) {
      if (const auto explained = beside.control.model->fault(fault.when)) throw *explained;
    }
    throw model.backbone->not_finite(fault.when);
  }
  if (!any.refining) return latents;
  progress.done = progress.total = own_steps;
  denoiser.reset();  // before the refiner needs memory
  return refine(*model.refiner, group, std::move(latents), noise, progress, observer);
}

}  // namespace velatura::pipelines
