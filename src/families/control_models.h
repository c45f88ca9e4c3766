#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/device.h"
#include "pipelines/control_model.h"
#include "weights/layouts/model_files.h"

namespace velatura::families {

/// The ControlNets and T2I-Adapters that stand beside a UNet.
class UNetControls : public pipelines::ControlModels {
 public:
  /// @param unet             the part
  /// @param latent_channels  of the latents alone, without what a task shows the UNet with them
  UNetControls(weights::Part unet, std::int64_t latent_channels, const Placement& placement)
      : unet_(std::move(unet)), latent_channels_(latent_channels), placement_(placement) {}
  std::shared_ptr<const pipelines::ControlModel> at(const std::filesystem::path& path,
                                                    Observer& observer) override;

 private:
  weights::Part unet_;
  std::int64_t latent_channels_;
  Placement placement_;
  std::map<std::filesystem::path, std::shared_ptr<const pipelines::ControlModel>> loaded_;
};

/// Them as their configs and headers tell: for checking requests.
class UNetControlsOutline : public pipelines::ControlModels {
 public:
  UNetControlsOutline(weights::Part unet, std::int64_t latent_channels)
      : unet_(std::move(unet)), latent_channels_(latent_channels) {}
  std::shared_ptr<const pipelines::ControlModel> at(const std::filesystem::path& path,
                                                    Observer& observer) override;

 private:
  weights::Part unet_;
  std::int64_t latent_channels_;
  std::map<std::filesystem::path, std::shared_ptr<const pipelines::ControlModel>> seen_;
};

}  // namespace velatura::families
