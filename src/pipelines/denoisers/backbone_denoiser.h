#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "pipelines/backbone.h"
#include "pipelines/denoisers/adapter_steps.h"
#include "pipelines/denoisers/denoiser.h"

namespace velatura::pipelines {

/// A backbone that is told the same at every step, but for what counts at some steps only.
class BackboneDenoiser : public Denoiser {
 public:
  /// @param conditioning  of the whole batch
  /// @param class_label   for backbones with class labels: the one for the whole batch
  BackboneDenoiser(std::shared_ptr<const Backbone> backbone, Conditioning conditioning,
                   AdapterSteps adapter_steps, std::optional<std::int64_t> class_label);
  at::Tensor predict(const DenoiseCall& call) const override;

 private:
  std::shared_ptr<const Backbone> backbone_;
  Conditioning conditioning_;
  AdapterSteps adapter_steps_;
  at::Tensor class_labels_;
  mutable std::shared_ptr<const BackboneRun> run_;  // begun with the first call
  mutable bool begun_ = false;
};

}  // namespace velatura::pipelines
