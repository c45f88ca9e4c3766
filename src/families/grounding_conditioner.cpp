#include "families/grounding_conditioner.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "velatura/error.h"

namespace velatura::families {
namespace {

// Places that a grounded UNet was trained with; those without an object hold nothing.
constexpr std::int64_t kPlaces = 30;

// [2, …]: first nothing anywhere, then what is there.
at::Tensor with_nothing(const at::Tensor& x) {
  return at::stack({at::zeros_like(x), x});
}

}  // namespace

void check_groundings(const models::UNetConfig& unet, const PictureRequest& request) {
  const std::size_t count = request.groundings.size();
  if (count == 0) return;
  if (!unet.gated) {
    throw UsageError(
        "ground: this model's UNet has no layers for boxes; it takes a GLIGEN model, whose UNet's "
        "attention_type is \"gated\"",
        {"ground"});
  }
  if (count > static_cast<std::size_t>(kPlaces)) {
    throw UsageError(
        "ground: " + std::to_string(count) + " boxes, expected at most " + std::to_string(kPlaces),
        {"ground"});
  }
  for (const auto& [phrase, left, top, right, bottom] : request.groundings) {
    const bool inside = left >= 0 && top >= 0 && right <= 1 && bottom <= 1;
    if (!phrase.empty() && inside && left < right && top < bottom) continue;
    throw UsageError("ground: \"" + phrase +
                         "\" needs a phrase and a box in shares of the sides, from 0 to 1 from the "
                         "top left, that is not empty",
                     {"ground"});
  }
}

GroundingConditioner::GroundingConditioner(std::unique_ptr<ClipConditioner> text,
                                           std::shared_ptr<const models::UNet2DConditionModel> unet)
    : text_(std::move(text)), unet_(std::move(unet)) {}

pipelines::PromptConditioning GroundingConditioner::encode(const PictureRequest& request,
                                                           const pipelines::PictureFrame& frame,
                                                           Progress progress, Observer& observer) {
  check_groundings(unet_->config(), request);
  auto conditioning = text_->encode(request, frame, progress, observer);
  if (request.groundings.empty()) return conditioning;

  std::vector<std::string> phrases;
  std::vector<float> corners;
  for (const auto& [phrase, left, top, right, bottom] : request.groundings) {
    phrases.push_back(phrase);
    for (const double side : {left, top, right, bottom})
      corners.push_back(static_cast<float>(side));
  }
  const auto features = text_->pooled(phrases, "phrase of ground", observer);  // [N, D]
  const auto boxes = at::tensor(corners).view({-1, 4}).to(features.options());
  const auto fill = [rest = kPlaces - features.size(0)](const at::Tensor& x) {
    return at::cat({x, at::zeros({rest, x.size(1)}, x.options())});
  };
  const auto present = fill(at::ones({features.size(0), 1}, features.options())).squeeze(1);
  const auto all = fill(boxes), named = fill(features);
  const layers::Visit visit(*unet_);
  const auto objects = unet_->position_net().forward(
      at::stack({all, all}), at::stack({named, named}), with_nothing(present));
  conditioning.prompt.objects = objects.narrow(0, 1, 1);
  if (conditioning.guided()) conditioning.negative_prompt.objects = objects.narrow(0, 0, 1);
  return conditioning;
}

}  // namespace velatura::families
