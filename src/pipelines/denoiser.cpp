#include "pipelines/denoiser.h"

#include <utility>

namespace velatura::pipelines {

UNetDenoiser::UNetDenoiser(std::shared_ptr<models::UNet2DConditionModel> unet, at::Tensor context,
                           std::optional<std::int64_t> class_label)
    : unet_(std::move(unet)), context_(std::move(context)) {
  if (class_label) {
    class_labels_ = at::full({context_.size(0)}, *class_label, context_.options().dtype(at::kLong));
  }
}

at::Tensor UNetDenoiser::predict(const at::Tensor& latents, double timestep) const {
  return unet_->forward(latents.to(context_.scalar_type()), timestep, context_, class_labels_)
      .to(at::kFloat);
}

ClassifierFreeGuidance::ClassifierFreeGuidance(std::unique_ptr<Denoiser> inner, double scale,
                                               double rescale)
    : inner_(std::move(inner)), scale_(scale), rescale_(rescale) {}

at::Tensor ClassifierFreeGuidance::predict(const at::Tensor& latents, double timestep) const {
  const auto halves = inner_->predict(at::cat({latents, latents}), timestep).chunk(2);
  const auto &uncond = halves[0], &cond = halves[1];
  const auto guided = uncond + scale_ * (cond - uncond);
  if (rescale_ == 0.0) return guided;
  const auto deviation = [](const at::Tensor& x) {
    return x.std(at::IntArrayRef{1, 2, 3}, /*unbiased=*/true, /*keepdim=*/true);
  };
  const auto rescaled = guided * (deviation(cond) / deviation(guided));
  return rescale_ * rescaled + (1 - rescale_) * guided;
}

TiledDenoiser::TiledDenoiser(std::unique_ptr<Denoiser> inner, Tiling tiling)
    : inner_(std::move(inner)), tiling_(tiling) {}

at::Tensor TiledDenoiser::predict(const at::Tensor& latents, double timestep) const {
  return in_tiles(latents, tiling_, {},
                  [&](const at::Tensor& tile) { return inner_->predict(tile, timestep); });
}

WithChannels::WithChannels(std::unique_ptr<Denoiser> inner, at::Tensor channels)
    : inner_(std::move(inner)), channels_(std::move(channels)) {}

at::Tensor WithChannels::predict(const at::Tensor& latents, double timestep) const {
  return inner_->predict(at::cat({latents, channels_}, 1), timestep);
}

}  // namespace velatura::pipelines
