#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pipelines/denoisers/controlled_denoiser.h"
#include "pipelines/prepared.h"

namespace velatura::pipelines {

/// A control picture made ready.
struct ShownControl {
  at::Tensor hint;  ///< [1, C, H, W] 0 … 1, or -1 in a hole, on the CPU
  Image picture;    ///< as it was made, before it got the hint's size
};

/// @throws UsageError for a use without a picture, or one that cannot be made ready so
void check_picture(const LatentModel& model, const PictureRequest& request, const ControlUse& use,
                   const Prepared& prepared);

/// @param grey   one channel instead of three
/// @param which  it is, for messages
ShownControl show_control(const LatentModel& model, const PictureRequest& request,
                          const ControlUse& use, const Prepared& prepared, bool grey,
                          const std::string& which, Observer& observer);

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
