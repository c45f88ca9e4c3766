#pragma once

#include <memory>

#include "families/clip_conditioner.h"
#include "models/unet/unet_2d_condition_model.h"

namespace velatura::families {

/// @throws UsageError where a request has groundings and the UNet nothing for them, or more than it
///         has places, or boxes that are none
void check_groundings(const models::UNetConfig& unet, const PictureRequest& request);

/// Tells a grounded UNet what is to stand where (GLIGEN, Li et al. 2023), beside what its text encoder
/// makes of the prompt. The negative prompt goes with nothing anywhere.
class GroundingConditioner : public pipelines::Conditioner {
 public:
  GroundingConditioner(std::unique_ptr<ClipConditioner> text,
                       std::shared_ptr<const models::UNet2DConditionModel> unet);
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress progress,
                                       Observer& observer) override;

 private:
  std::unique_ptr<ClipConditioner> text_;
  std::shared_ptr<const models::UNet2DConditionModel> unet_;
};

}  // namespace velatura::families
