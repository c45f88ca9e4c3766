#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pipelines/denoisers/controlled_denoiser.h"
#include "pipelines/prepared.h"

namespace velatura::pipelines {

/// A network that steers a request's pictures, and what it is shown.
struct ReadyControl {
  Control control;  ///< its hint [1, C, H, W], on the CPU
  Image picture;    ///< the control picture as it was made, before it got the hint's size
};

/// Finds the networks that a request asks for, and what does not go with them.
/// @throws UsageError, InputError, Interrupted
std::vector<std::shared_ptr<const ControlModel>> find_controls(LatentModel& model,
                                                               const PictureRequest& request,
                                                               const Prepared& prepared,
                                                               Observer& observer);

/// Makes the hints. As diffusers' StableDiffusionControlNet…Pipeline and StableDiffusionAdapterPipeline
/// take pictures, but for the size: it is the request's, never the control picture's, and a control
/// picture that has another one is stretched, which is said.
/// @throws as find_controls()
std::vector<ReadyControl> make_controls(LatentModel& model, const PictureRequest& request,
                                        const Prepared& prepared, Observer& observer);

}  // namespace velatura::pipelines
