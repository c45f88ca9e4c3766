#include "pipelines/denoisers/make_denoiser.h"

#include <utility>

#include "pipelines/denoisers/tiled_denoiser.h"
#include "pipelines/denoisers/with_channels.h"

namespace velatura::pipelines {

// From the inside: what steers the backbone sees both halves of guidance at once; tiles are cut of the latents together with the channels behind them, and each
// tile is guided by itself.
std::unique_ptr<Denoiser> make_denoiser(std::shared_ptr<const Backbone> backbone,
                                        const DenoiserOptions& options) {
  auto statistics = options.tiling ? backbone->share_statistics() : nullptr;
  std::unique_ptr<Denoiser> denoiser = std::make_unique<BackboneDenoiser>(
      std::move(backbone), options.conditioning, options.adapter_steps, options.class_label);
  if (!options.controls.all.empty()) {
    denoiser = std::make_unique<ControlledDenoiser>(std::move(denoiser), options.conditioning,
                                                    options.class_label, options.controls,
                                                    options.guidance.has_value());
  }
  if (options.guidance) {
    denoiser = std::make_unique<ClassifierFreeGuidance>(std::move(denoiser), *options.guidance,
                                                        options.variance_channels);
  }
  if (options.tiling) {
    denoiser = std::make_unique<TiledDenoiser>(std::move(denoiser), *options.tiling,
                                               std::move(statistics));
  }
  if (options.channels.defined()) {
    denoiser = std::make_unique<WithChannels>(std::move(denoiser), options.channels);
  }
  return denoiser;
}

}  // namespace velatura::pipelines
