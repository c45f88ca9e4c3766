#pragma once

#include "pipelines/denoisers/backbone_denoiser.h"
#include "pipelines/denoisers/classifier_free_guidance.h"
#include "pipelines/denoisers/controlled_denoiser.h"
#include "pipelines/tiles.h"

namespace velatura::pipelines {

/// What a batch adds to the backbone.
struct DenoiserOptions {
  /// Of the whole batch; with guidance twice that, the negative prompts first.
  Conditioning conditioning;
  AdapterSteps adapter_steps = {};
  std::optional<Guidance> guidance = std::nullopt;
  std::optional<std::int64_t> class_label = std::nullopt;
  std::optional<Tiling> tiling = std::nullopt;  ///< of the latents
  std::int64_t variance_channels = 0;           ///< see ClassifierFreeGuidance
  at::Tensor channels = {};                     ///< see WithChannels; undefined: none
  Controls controls = {};  ///< their hints of the whole batch, without guidance's second half
};

/// The backbone, and around it whatever the options add.
std::unique_ptr<Denoiser> make_denoiser(std::shared_ptr<const Backbone> backbone,
                                        const DenoiserOptions& options);

}  // namespace velatura::pipelines
