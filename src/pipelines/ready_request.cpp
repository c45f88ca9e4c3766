#include "pipelines/ready_request.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "pipelines/prepare_parts.h"
#include "request/check_ranges.h"
#include "velatura/error.h"
#include "velatura/generator.h"
#include "weights/sources/names.h"

namespace velatura::pipelines {
namespace {

// Latents given to start from.
void check_latents(const PictureRequest& request, const std::vector<std::int64_t>& latent_shape) {
  if (!request.latents) return;
  std::vector<std::int64_t> expected{request.num_images};
  expected.insert(expected.end(), latent_shape.begin(), latent_shape.end());
  if (request.latents->shape != expected) {
    throw InputError("latents-in holds " + weights::shape_text(request.latents->shape) +
                         ", this request needs " + weights::shape_text(expected),
                     {"latents-in"});
  }
  if (!std::ranges::all_of(request.latents->values, [](float x) { return std::isfinite(x); })) {
    throw InputError("latents-in holds values that are not finite", {"latents-in"});
  }
}

// Puts the request's changes into the model's weights, or takes those of the one before out.
void adapt(LatentModel& model, const PictureRequest& request) {
  if (model.adapters != nullptr) {
    model.adapters->apply(request.loras);
  } else if (!request.loras.empty()) {
    throw UsageError("lora: the weights of this model cannot be changed", {"lora"});
  }
}

/// What of a request is settled before its prompts are read.
struct Settled {
  Prepared prepared;
  samplers::SamplerChoice sampler;
  samplers::Plan plan;
};

Settled settle(LatentModel& model, const Request& request, Observer& observer) {
  const PictureRequest& any = common(request);
  request::check_ranges(request);
  const auto of_task = [&](const auto& task) { return prepare(model, task, observer); };
  Prepared prepared = std::visit(of_task, request);
  check_latents(any, model.codec->latent_shape(prepared.height, prepared.width));
  samplers::ModelScheduler rewritten = model.scheduler;
  // diffusers' pipelines with networks beside the model, and for grounded ones, leave its scheduler's
  // config as it is.
  if (any.controls.empty() && any.groundings.empty()) {
    rewritten.rewrites = prepared.scheduler_rewrites;
  }
  auto sampler = samplers::choose_sampler(rewritten, any.sampling);
  auto plan = samplers::make_plan(sampler, any.steps, prepared.start);
  return {std::move(prepared), std::move(sampler), std::move(plan)};
}

}  // namespace

ReadyRequest make_ready(LatentModel& model, const Request& request, std::size_t index,
                        Progress progress, Observer& observer) {
  const PictureRequest& any = common(request);
  auto [prepared, sampler, plan] = settle(model, request, observer);
  adapt(model, any);
  auto record = std::visit([](const auto& task) { return record_of(task); }, request);
  const Size size{prepared.width, prepared.height};
  auto controls = make_controls(model, any, prepared, observer);
  auto conditioning = model.conditioner->encode(any, size, progress, observer);
  return {.index = index,
          .request = any,
          .key = batch_key(request),
          .prepared = std::move(prepared),
          .record = std::move(record),
          .sampler = std::move(sampler),
          .plan = std::move(plan),
          .conditioning = std::move(conditioning),
          .controls = std::move(controls)};
}

void check_request(LatentModel& model, const Request& request) {
  Observer deaf;
  const Settled settled = settle(model, request, deaf);
  adapt(model, common(request));
  const Size size{settled.prepared.width, settled.prepared.height};
  find_controls(model, common(request), settled.prepared, deaf);
  model.conditioner->encode(common(request), size, {}, deaf);
}

nlohmann::ordered_json settings_of(LatentModel& model, const Request& request) {
  Observer deaf;
  const auto [prepared, sampler, plan] = settle(model, request, deaf);
  const Size size = prepared.cut.value_or(Size{prepared.width, prepared.height});
  auto settings =
      settings_record(request::record_of(request), common(request).seed, size, used(sampler));
  settings["vae_tile"] = model.codec->tile_for(prepared.height, prepared.width);
  return settings;
}

bool can_share_a_batch(const ReadyRequest& a, const ReadyRequest& b) {
  return a.key == b.key && can_join(a.conditioning.prompt, b.conditioning.prompt);
}

}  // namespace velatura::pipelines
