#include "pipelines/ready_controls.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <string>
#include <utility>

#include "image/preprocess.h"
#include "image/resize.h"
#include "pipelines/depth_picture.h"
#include "pipelines/image_tensor.h"
#include "pipelines/prepare_parts.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

HintPreprocess preprocess_of(const ControlUse& use) {
  if (const auto expected = preprocess_complaint(use.preprocess); !expected.empty()) {
    throw UsageError("control-preprocess " + use.preprocess + ": expected " + expected,
                     {"control-preprocess"});
  }
  return parse_preprocess(use.preprocess);
}

std::shared_ptr<const DepthEstimator> depth_estimator_for(const LatentModel& model,
                                                          const PictureRequest& request) {
  if (auto estimator = model.depth_estimators->at(request.depth_estimator)) return estimator;
  throw UsageError(
      "control-preprocess depth: this model brings no depth estimator: give depth-estimator, or a "
      "picture of depth as control-image",
      {"control-preprocess", "depth-estimator"});
}

// Options that speak of one network go together.
void check_model(const PictureRequest& request) {
  const auto given =
      std::ranges::count_if(request.controls, [](const auto& use) { return !use.model.empty(); });
  const auto all = std::ranges::ssize(request.controls);
  if (given == all) return;
  const auto often = [](auto n) { return n == 1 ? "once" : std::to_string(n) + " times"; };
  throw UsageError("control is given " + often(given) + ", control-image " + often(all) +
                       ": the first goes with the first",
                   {"control", "control-image"});
}

void check(const LatentModel& model, const PictureRequest& request, const ControlUse& use,
           const ControlTraits& traits, const Prepared& prepared) {
  check_picture(model, request, use, prepared);
  if (use.start >= use.end) {
    throw UsageError("control-start is not below control-end", {"control-start", "control-end"});
  }
  if (traits.hint_factor != model.codec->factor()) {
    throw InputError(use.model.string() + ": takes " + std::to_string(traits.hint_factor) +
                     " pixels of its picture for a latent, expected " +
                     std::to_string(model.codec->factor()) + " as the model's VAE does");
  }
  const auto multiple = traits.hint_multiple;
  if (prepared.width % multiple != 0 || prepared.height % multiple != 0) {
    throw UsageError(
        "control " + use.model.string() + ": takes pictures whose sides are multiples of " +
            std::to_string(multiple) + ", found " + text_of(Size{prepared.width, prepared.height}),
        {"control", "width", "height"});
  }
}

void check_guess_mode(const PictureRequest& request,
                      const std::vector<std::shared_ptr<const ControlModel>>& models) {
  if (!request.guess_mode) return;
  const bool any =
      std::ranges::any_of(models, [](const auto& model) { return model->traits().sees_prompt; });
  if (!any) {
    throw UsageError("guess-mode is for ControlNets: there is none in control",
                     {"guess-mode", "control"});
  }
}

// What is shown to the network, at the size of what is denoised.
Raster framed(const Raster& picture, const Prepared& prepared, const std::string& which,
              Observer& observer) {
  const Size own{picture.width, picture.height};
  const Size wanted = prepared.whole.value_or(Size{prepared.width, prepared.height});
  if (own != wanted) {
    observer.on_warning(which + " is stretched from " + text_of(own) + " to " + text_of(wanted) +
                        " pixels");
  }
  const Raster stretched = resize(picture, wanted.width, wanted.height, Filter::lanczos);
  return prepared.frame ? prepared.frame(stretched) : stretched;
}

// As diffusers' image processors read pictures that are not to be normalised.
at::Tensor hint_of(const Raster& picture) {
  return to_bytes(picture).to(at::kFloat).div(255.0);
}

}  // namespace

void check_picture(const LatentModel& model, const PictureRequest& request, const ControlUse& use,
                   const Prepared& prepared) {
  if (use.image.pixels.empty()) {
    throw UsageError("control " + use.model.string() + " has no control-image",
                     {"control", "control-image"});
  }
  const auto how = preprocess_of(use);
  if (how.kind == HintKind::inpaint && !prepared.hole) {
    throw UsageError("control-preprocess inpaint needs a mask: it goes with inpaint",
                     {"control-preprocess"});
  }
  if (how.kind == HintKind::depth) depth_estimator_for(model, request);
}

ShownControl show_control(const LatentModel& model, const PictureRequest& request,
                          const ControlUse& use, const Prepared& prepared, bool grey,
                          const std::string& which, Observer& observer) {
  const HintPreprocess how = preprocess_of(use);
  Raster picture = to_raster(use.image);
  if (how.kind == HintKind::depth) {
    picture = depth_picture(*depth_estimator_for(model, request), picture);
  } else {
    picture = preprocess(picture, how);
  }
  const Raster shown = framed(grey ? luma(picture) : picture, prepared, which, observer);
  auto hint = hint_of(shown);
  if (how.kind == HintKind::inpaint) {
    const auto hole = to_bytes(*prepared.hole).ge(128);  // [1, 1, H, W]
    hint = at::where(hole, -1.0, hint);
  }
  return {std::move(hint), to_image(std::move(picture))};
}

std::vector<std::shared_ptr<const ControlModel>> find_controls(LatentModel& model,
                                                               const PictureRequest& request,
                                                               const Prepared& prepared,
                                                               Observer& observer) {
  std::vector<std::shared_ptr<const ControlModel>> models;
  if (request.controls.empty()) return models;
  check_model(request);
  if (!model.controls) throw UsageError("nothing can steer this model", {"control"});
  for (const ControlUse& use : request.controls) {
    models.push_back(model.controls->at(use.model, observer));
    check(model, request, use, models.back()->traits(), prepared);
  }
  check_guess_mode(request, models);
  return models;
}

std::vector<ReadyControl> make_controls(LatentModel& model, const PictureRequest& request,
                                        const Prepared& prepared, Observer& observer) {
  const auto models = find_controls(model, request, prepared, observer);
  std::vector<ReadyControl> ready;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const ControlUse& use = request.controls[i];
    const std::string which =
        "control picture" + (models.size() > 1 ? " " + std::to_string(i + 1) : std::string());
    const bool grey = models[i]->traits().hint_channels == 1;
    auto [hint, picture] = show_control(model, request, use, prepared, grey, which, observer);
    ready.push_back(
        {{models[i], std::move(hint), use.scale, use.start, use.end}, std::move(picture)});
  }
  return ready;
}

}  // namespace velatura::pipelines
