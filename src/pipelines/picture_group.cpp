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

std::vector<PromptConditioning> refining_conditioning(std::span<const GroupItem> group) {
  std::vector<PromptConditioning> all;
  for (const auto& item : group) all.push_back(item.ready->refining->conditioning);
  return all;
}

// Of all pictures; with guidance twice that: first the negative prompts.
Conditioning joined(std::span<const PromptConditioning> all) {
  std::vector<Conditioning> parts;
  if (all.front().guided()) {
    for (const auto& each : all) parts.push_back(each.negative_prompt);
  }
  for (const auto& each : all) parts.push_back(each.prompt);
  return join(parts);
}

// Of a request of a group, whichever: in that they agree.
std::optional<Guidance> guidance_of(const ReadyRequest& any, const PromptConditioning& told) {
  if (!told.guided()) return std::nullopt;
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

DenoiserOptions denoiser_options(const LatentModel& model, std::span<const GroupItem> group,
                                 const GroupStart& start) {
  const ReadyRequest& any = *group.front().ready;  // in all that matters here they are alike
  return {.conditioning = joined(start.conditioning),
          .adapter_steps = adapter_steps(any.request),
          .guidance = guidance_of(any, start.conditioning.front()),
          .class_label = any.prepared.class_label,
          .tiling = any.prepared.tiling,
          .variance_channels = model.traits.variance_channels,
          .channels = start.batch.channels,
          .controls = controls_of(group, model.placement.device)};
}

// What follows; its noise is read on from the same streams.
at::Tensor refine(const LatentModel& refiner, std::span<const GroupItem> group, at::Tensor latents,
                  BatchNoise& noise, Progress progress, Observer& observer) {
  const ReadyRequest& any = *group.front().ready;
  const auto conditioning = refining_conditioning(group);
  const auto denoiser = make_denoiser(
      refiner.backbone,
      {.conditioning = joined(conditioning), .guidance = guidance_of(any, conditioning.front())});
  try {
    return denoise(any.refining->plan, {.latents = std::move(latents)}, *denoiser, noise, progress,
                   observer);
  } catch (const NotFinite& fault) {
    throw refiner.backbone->not_finite(fault.when);
  }
}

}  // namespace

GroupStart start_group(const LatentModel& model, std::span<const GroupItem> group,
                       Progress progress, Observer& observer) {
  const at::Device device = model.placement.device;
  std::vector<Batch> parts;
  std::vector<NoiseSource> sources;
  std::vector<PromptConditioning> conditioning;
  std::vector<ImageEmbeds> embeds;
  std::vector<Imagining> pictures;
  for (const auto& [ready, image] : group)
    pictures.push_back({ready->request, image, ready->prepared.shown});
  if (model.prior) model.prior->prepare(pictures, observer);
  for (const auto& [ready, image] : group) {
    sources.emplace_back(ready->seed_of(image));
    BatchNoise own({sources.back()}, device, given_latents(ready->request, image));
    conditioning.push_back(ready->conditioning);
    if (model.prior) {
      auto imagined = model.prior->imagine(pictures[conditioning.size() - 1], ready->conditioning,
                                           own, progress, observer);
      conditioning.back() = std::move(imagined.conditioning);
      embeds.push_back(std::move(imagined.embeds));
    }
    parts.push_back(ready->prepared.batch(own, ready->plan));
  }
  if (model.prior) model.prior->release();
  return {join(parts), BatchNoise(std::move(sources), device), std::move(conditioning),
          std::move(embeds)};
}

DenoisedGroup denoise_group(const LatentModel& model, std::span<const GroupItem> group,
                            Progress progress, Observer& observer) {
  GroupStart start = start_group(model, group, progress, observer);
  auto denoiser = make_denoiser(model.backbone, denoiser_options(model, group, start));
  const ReadyRequest& any = *group.front().ready;
  const auto own_steps = static_cast<int>(any.plan.steps.size());
  if (any.refining) progress.total = static_cast<int>(any.refining->plan.steps.size());
  at::Tensor latents;
  try {
    latents = denoise(any.plan, start.batch, *denoiser, start.noise, progress, observer);
  } catch (const NotFinite& fault) {
    for (const ReadyControl& beside : any.controls) {
      if (const auto explained = beside.control.model->fault(fault.when)) throw *explained;
    }
    throw model.backbone->not_finite(fault.when);
  }
  denoiser.reset();  // before others need memory
  if (any.refining) {
    progress.done = progress.total = own_steps;
    latents = refine(*model.refiner, group, std::move(latents), start.noise, progress, observer);
  }
  return {std::move(latents), std::move(start.image_embeds)};
}

}  // namespace velatura::pipelines
