#include "families/unet_backbone.h"

#include <utility>

namespace velatura::families {

UNetBackbone::UNetBackbone(std::shared_ptr<models::UNet2DConditionModel> unet)
    : unet_(std::move(unet)) {}

at::Tensor UNetBackbone::predict(const pipelines::BackboneInput& input) const {
  const auto& context = input.conditioning.context;
  return unet_
      ->forward(input.latents.to(context.scalar_type()), input.timesteps, context,
                input.class_labels)
      .to(at::kFloat);
}

}  // namespace velatura::families
