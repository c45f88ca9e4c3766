#include "families/unet_backbone.h"

#include <utility>

namespace velatura::families {
namespace {

struct UNetRun : pipelines::BackboneRun {
  explicit UNetRun(layers::TextProjections text) : text(std::move(text)) {}
  layers::TextProjections text;
};

}  // namespace

UNetBackbone::UNetBackbone(std::shared_ptr<models::UNet2DConditionModel> unet, FaultFinder faults)
    : unet_(std::move(unet)), faults_(std::move(faults)) {}

// Only on a GPU, where each product is a launch.
std::shared_ptr<const pipelines::BackboneRun> UNetBackbone::begin(
    const pipelines::Conditioning& conditioning) const {
  if (!conditioning.context.is_cuda()) return nullptr;
  return std::make_shared<UNetRun>(unet_->project_text(conditioning.context));
}

at::Tensor UNetBackbone::predict(const pipelines::BackboneInput& input) const {
  const auto& [text, pooled, time_ids, objects, pictures] = input.conditioning;
  layers::AttentionContext context{.text = text, .objects = objects};
  if (const auto* const run = dynamic_cast<const UNetRun*>(input.run)) {
    context.projected = &run->text;
  }
  for (const auto& [keys, values, scale] : pictures) {
    context.pictures.push_back({.keys = keys, .values = values, .scale = scale});
  }
  return unet_
      ->forward(input.latents.to(text.scalar_type()), input.timesteps, context, input.class_labels,
                {input.residuals.skips, input.residuals.mid, input.residuals.levels})
      .to(at::kFloat);
}

InputError UNetBackbone::not_finite(const std::string& when) const {
  return faults_.explain("UNet", unet_->parameters().front().second.scalar_type(), when);
}

}  // namespace velatura::families
