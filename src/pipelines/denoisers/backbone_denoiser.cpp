#include "pipelines/denoisers/backbone_denoiser.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>

#include <utility>

namespace velatura::pipelines {

BackboneDenoiser::BackboneDenoiser(std::shared_ptr<const Backbone> backbone,
                                   Conditioning conditioning, AdapterSteps adapter_steps,
                                   std::optional<std::int64_t> class_label)
    : backbone_(std::move(backbone)),
      conditioning_(std::move(conditioning)),
      adapter_steps_(std::move(adapter_steps)) {
  if (class_label) {
    const auto& context = conditioning_.context;
    class_labels_ = at::full({context.size(0)}, *class_label, context.options().dtype(at::kLong));
  }
}

at::Tensor BackboneDenoiser::predict(const DenoiseCall& call) const {
  if (!begun_ && !call.timesteps.empty()) {
    run_ = backbone_->begin(conditioning_, class_labels_, call.timesteps);
    begun_ = true;
  }
  const auto timesteps =
      at::full({call.latents.size(0)}, call.timestep, call.latents.options().dtype(at::kFloat));
  return backbone_->predict(
      {.latents = call.latents,
       .timesteps = timesteps,
       .class_labels = class_labels_,
       .conditioning = at_step(conditioning_, adapter_steps_, call.step, call.steps),
       .residuals = call.residuals,
       .run = run_.get(),
       .step = call.step,
       .tile = call.tile});
}

}  // namespace velatura::pipelines
