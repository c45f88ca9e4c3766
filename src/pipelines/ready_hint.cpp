#include "pipelines/ready_hint.h"

#include <string>

#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

// What says how a network beside the model is followed, of which there is none.
void check_unused(const ControlUse& use, bool guess_mode) {
  const char* unused = use.scale != 1.0           ? "control-scale"
                       : use.start != 0.0         ? "control-start"
                       : use.end != 1.0           ? "control-end"
                       : guess_mode               ? "guess-mode"
                       : use.preprocess != "none" ? "control-preprocess"
                                                  : nullptr;
  if (unused == nullptr) return;
  throw UsageError(std::string(unused) + ": this model follows its picture by itself, as it is",
                   {unused});
}

}  // namespace

void check_hint(const LatentModel& model, const PictureRequest& request, const Prepared& prepared) {
  if (request.controls.empty()) {
    throw UsageError("control-image is needed: this model follows a picture, such as a depth map",
                     {"control-image"});
  }
  for (const ControlUse& use : request.controls) {
    if (!use.model.empty()) {
      throw UsageError("control: this model follows control-image by itself", {"control"});
    }
    check_unused(use, request.guess_mode);
    check_picture(model, request, use, prepared);
  }
  if (request.controls.size() > 1)
    throw UsageError("control-image: this model follows one picture", {"control-image"});
}

ShownControl make_hint(const LatentModel& model, const PictureRequest& request,
                       const Prepared& prepared, Observer& observer) {
  check_hint(model, request, prepared);
  return show_control(model, request, request.controls.front(), prepared, /*grey=*/false,
                      "control picture", observer);
}

}  // namespace velatura::pipelines
