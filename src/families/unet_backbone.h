#pragma once

#include <memory>

#include "families/fault_finder.h"
#include "models/unet/unet_2d_condition_model.h"
#include "pipelines/backbone.h"

namespace velatura::families {

/// A UNet that looks at text, in the dtype of its conditioning.
class UNetBackbone : public pipelines::Backbone {
 public:
  explicit UNetBackbone(std::shared_ptr<models::UNet2DConditionModel> unet,
                        FaultFinder faults = {});
  std::shared_ptr<const pipelines::BackboneRun> begin(
      const pipelines::Conditioning& conditioning, const at::Tensor& class_labels,
      std::span<const double> timesteps) const override;
  /// Of its group norms.
  std::unique_ptr<pipelines::TileStatistics> share_statistics() const override;
  at::Tensor predict(const pipelines::BackboneInput& input) const override;
  InputError not_finite(const std::string& when) const override;

 private:
  std::shared_ptr<models::UNet2DConditionModel> unet_;
  FaultFinder faults_;
};

}  // namespace velatura::families
