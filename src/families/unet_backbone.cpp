#include "families/unet_backbone.h"

#include <utility>

namespace velatura::families {

UNetBackbone::UNetBackbone(std::shared_ptr<models::UNet2DConditionModel> unet, FaultFinder faults)
    : unet_(std::move(unet)), faults_(std::move(faults)) {}

at::Tensor UNetBackbone::predict(const pipelines::BackboneInput& input) const {
  const auto& [text, pooled, time_ids, guidance, objects, pictures] = input.conditioning;
  layers::AttentionContext context{.text = text, .objects = objects};
  for (const auto& [keys, values, scale] : pictures) {
    context.pictures.push_back({.keys = keys, .values = values, .scale = scale});
  }
  return unet_
      ->forward(input.latents.to(text.scalar_type()), input.timesteps, context,
                {input.class_labels, pooled, time_ids, guidance},
                {input.residuals.skips, input.residuals.mid, input.residuals.levels})
      .to(at::kFloat);
}

InputError UNetBackbone::not_finite(const std::string& when) const {
  return faults_.explain("UNet", unet_->parameters().front().second.scalar_type(), when);
}

}  // namespace velatura::families
