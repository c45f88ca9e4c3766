#pragma once

#include <memory>

#include "models/unet/unet_2d_condition_model.h"
#include "pipelines/backbone.h"

namespace velatura::families {

/// A UNet that looks at text, in the dtype of its conditioning.
class UNetBackbone : public pipelines::Backbone {
 public:
  explicit UNetBackbone(std::shared_ptr<models::UNet2DConditionModel> unet);
  at::Tensor predict(const pipelines::BackboneInput& input) const override;

 private:
  std::shared_ptr<models::UNet2DConditionModel> unet_;
};

}  // namespace velatura::families
