#pragma once

#include <memory>

#include "families/fault_finder.h"
#include "models/controlnet/controlnet_model.h"
#include "models/t2i_adapter/t2i_adapter.h"
#include "pipelines/control_model.h"

namespace velatura::families {

pipelines::ControlTraits traits_of(const models::ControlNetConfig& config);
pipelines::ControlTraits traits_of(const models::T2IAdapterConfig& config);

/// A ControlNet, in the dtype of the conditioning.
class ControlNetControl : public pipelines::ControlModel {
 public:
  ControlNetControl(std::shared_ptr<models::ControlNetModel> network, FaultFinder faults)
      : network_(std::move(network)), faults_(std::move(faults)) {}
  pipelines::ControlTraits traits() const override { return traits_of(network_->control_config()); }
  pipelines::HintFeatures features(const at::Tensor& hint) const override;
  std::shared_ptr<const pipelines::BackboneRun> begin(at::Device device,
                                                      std::size_t steps) const override;
  pipelines::Residuals residuals(const pipelines::BackboneInput& input,
                                 const pipelines::HintFeatures& features,
                                 const pipelines::ControlStrength& strength) const override;
  std::optional<InputError> fault(const std::string& when) const override;

 private:
  std::shared_ptr<models::ControlNetModel> network_;
  FaultFinder faults_;
};

/// A T2I-Adapter, which needs the hint alone.
class T2IAdapterControl : public pipelines::ControlModel {
 public:
  T2IAdapterControl(std::shared_ptr<models::T2IAdapter> network, FaultFinder faults)
      : network_(std::move(network)), faults_(std::move(faults)) {}
  pipelines::ControlTraits traits() const override { return traits_of(network_->config()); }
  pipelines::HintFeatures features(const at::Tensor& hint) const override;
  pipelines::Residuals residuals(const pipelines::BackboneInput& input,
                                 const pipelines::HintFeatures& features,
                                 const pipelines::ControlStrength& strength) const override;
  std::optional<InputError> fault(const std::string& when) const override;

 private:
  std::shared_ptr<models::T2IAdapter> network_;
  FaultFinder faults_;
};

}  // namespace velatura::families
