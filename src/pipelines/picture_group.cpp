#include "pipelines/picture_group.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

#include "pipelines/denoise_loop.h"
#include "pipelines/denoiser.h"
#include "pipelines/joined_batch.h"

namespace velatura::pipelines {
namespace {

// The latents that a request gives its picture to start from: [1, C, h, w], a view; or undefined.
at::Tensor given_latents(const PictureRequest& request, int image) {
  if (!request.latents) return {};
  const auto& [shape, values] = *request.latents;
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).narrow(0, image, 1);
}

// [B, T, D], or with guidance [2 * B, T, D]: first the negative prompts.
at::Tensor context_of(std::span<const GroupItem> group) {
  std::vector<at::Tensor> texts;
  if (group.front().ready->text.guided()) {
    for (const auto& item : group) texts.push_back(item.ready->text.negative_prompt);
  }
  for (const auto& item : group) texts.push_back(item.ready->text.prompt);
  return at::cat(texts);
}

// The UNet, and around it whatever the requests add.
std::unique_ptr<Denoiser> make_denoiser(const StableDiffusion& model,
                                        std::span<const GroupItem> group, const Batch& batch) {
  const ReadyRequest& any = *group.front().ready;  // in all that matters here they are alike
  std::unique_ptr<Denoiser> denoiser =
      std::make_unique<UNetDenoiser>(model.unet, context_of(group), any.prepared.class_label);
  if (any.text.guided()) {
    denoiser = std::make_unique<ClassifierFreeGuidance>(
        std::move(denoiser), any.request.guidance_scale, any.request.guidance_rescale);
  }
  if (any.prepared.tiling) {
    denoiser = std::make_unique<TiledDenoiser>(std::move(denoiser), *any.prepared.tiling);
  }
  if (batch.channels.defined()) {
    denoiser = std::make_unique<WithChannels>(std::move(denoiser), batch.channels);
  }
  return denoiser;
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

at::Tensor denoise_group(const StableDiffusion& model, std::span<const GroupItem> group,
                         Progress progress, Observer& observer) {
  auto [batch, noise] = start_group(group, model.placement.device);
  const auto denoiser = make_denoiser(model, group, batch);
  return denoise(group.front().ready->plan, batch, *denoiser, noise, progress, observer);
}

}  // namespace velatura::pipelines
