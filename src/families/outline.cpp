#include "families/outline.h"

#include <ATen/ATen.h>

#include <array>

#include "families/clip_conditioner.h"
#include "families/dpt_depth_estimator.h"
#include "families/grounding_conditioner.h"
#include "families/learned_words.h"
#include "pipelines/adapter_pictures.h"

namespace velatura::families {

pipelines::Posterior CodecOutline::encode(const at::Tensor& pixels, Observer&) {
  const auto latents =
      at::zeros({1, latent_channels(), pixels.size(2) / factor(), pixels.size(3) / factor()});
  return {latents, latents};
}

at::Tensor CodecOutline::sample(const pipelines::Posterior& posterior,
                                const at::Tensor& noise) const {
  return posterior.mean.expand_as(noise);
}

at::Tensor CodecOutline::decode(const at::Tensor& latents, Observer&) {
  return at::zeros({1, 3, latents.size(2) * factor(), latents.size(3) * factor()});
}

pipelines::PromptConditioning ConditionerOutline::encode(const PictureRequest& request,
                                                         const pipelines::PictureFrame&, Progress,
                                                         Observer&) {
  check_clip_skip(config_, request.clip_skip);
  check_learned_words(request.embeddings, std::array{PlacedEncoder{config_}});
  check_groundings(unet_, request);
  return {};
}

pipelines::PromptConditioning PictureOutline::encode(const PictureRequest& request,
                                                     const pipelines::PictureFrame& frame,
                                                     Progress progress, Observer& observer) {
  inner_->encode(request, frame, progress, observer);
  for (const auto& [adapter, images] : pipelines::adapter_pictures(request)) {
    const auto files = find_picture_files(adapter.adapter, request, model_);
    if (fitting_.contains(files)) continue;
    open_picture_parts(files, unet_);
    fitting_.insert(files);
  }
  return {};
}

at::Tensor DepthEstimatorOutline::estimate(const Raster& picture) const {
  const auto [height, width] = input_size(processor_, picture);
  return at::zeros({1, 1, height, width});
}

}  // namespace velatura::families
