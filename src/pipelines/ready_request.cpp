#include "pipelines/ready_request.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "image/preprocess.h"
#include "pipelines/prepare_parts.h"
#include "pipelines/ready_hint.h"
#include "request/check_ranges.h"
#include "request/fields.h"
#include "request/values.h"
#include "request/words.h"
#include "samplers/names.h"
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

// What the request leaves to the model.
Request with_models_own(const ModelTraits& traits, Request request) {
  std::visit(
      [&traits](PictureRequest& any) {
        if (!any.guidance_scale) any.guidance_scale = traits.guidance_scale;
        if (!any.negative_prompt && !traits.knows_absent_negative) any.negative_prompt = "";
      },
      request);
  return request;
}

// Whether a request says something of a field that may be left open.
bool is_said(const request::Field& field, const request::ConstPlace& place) {
  const bool has_text = !request::is_file(place) && !request::is_list(place);
  return has_text ? !request::text_of(field, place).empty() : request::json_of(place).has_value();
}

// What only some models have a use for must not be passed over.
void check_special_fields(const LatentModel& model, const Request& request) {
  std::vector<std::string_view> known = model.traits.special_fields;
  if (model.refiner) {
    const auto& more = model.refiner->traits.special_fields;
    known.insert(known.end(), more.begin(), more.end());
  }
  request::each_field(request, [&](const request::Field& field, const request::ConstPlace& place) {
    const std::string name(field.name);
    if (!field.special || !is_said(field, place)) return;
    if (std::ranges::find(known, field.name) != known.end()) return;
    if (name == "refiner-start") {
      if (model.refiner) return;
      throw UsageError("refiner-start goes with refiner", {"refiner-start", "refiner"});
    }
    throw UsageError(name + ": this model has no use for it", {name});
  });
}

/// What of a request is settled before its prompts are read.
struct Settled {
  Prepared prepared;
  samplers::SamplerChoice sampler;
  samplers::Plan plan;
  std::optional<Refining> refining;
};

samplers::SamplerChoice sampler_of(const LatentModel& model, const PictureRequest& request,
                                   nlohmann::json rewrites) {
  samplers::ModelScheduler rewritten = model.scheduler;
  // diffusers' pipelines for grounded models and those with networks beside the model leave its
  // scheduler's config as it is.
  if (request.controls.empty() && request.groundings.empty())
    rewritten.rewrites = std::move(rewrites);
  return samplers::choose_sampler(rewritten, request.sampling);
}

void check_sampler(const ModelTraits& traits, const samplers::SamplerChoice& choice) {
  const auto& known = traits.samplers;
  if (known.empty() || std::ranges::find(known, choice.sampler) != known.end()) return;
  std::vector<std::string> names;
  for (const Sampler each : known) names.emplace_back(samplers::name_of(each));
  throw UsageError("sampler " + std::string(samplers::name_of(choice.sampler)) +
                       ": this model is run with " + request::either(names),
                   {"sampler"});
}

void check_refiner(const Request& request) {
  const bool takes_one =
      std::holds_alternative<TextToImage>(request) || std::holds_alternative<ImageToImage>(request);
  if (!takes_one) {
    throw UsageError("refiner: goes with txt2img and img2img, not with " +
                         std::string(request::task_name(request)),
                     {"refiner"});
  }
}

bool follows_depth(const ControlUse& use) {
  return preprocess_complaint(use.preprocess).empty() &&
         parse_preprocess(use.preprocess).kind == HintKind::depth;
}

void check_depth_estimator(const Request& request) {
  const PictureRequest& any = common(request);
  const auto* const depth = std::get_if<DepthToImage>(&request);
  const bool needed =
      (depth != nullptr && !depth->depth_map) || std::ranges::any_of(any.controls, follows_depth);
  if (any.depth_estimator.empty() || needed) return;
  throw UsageError(
      "depth-estimator goes with depth2img without a depth-map, and with control-preprocess depth",
      {"depth-estimator"});
}

Settled settle(LatentModel& model, const Request& request, Observer& observer) {
  const PictureRequest& any = common(request);
  request::check_ranges(request);
  check_special_fields(model, request);
  check_depth_estimator(request);
  if (model.refiner) check_refiner(request);
  const auto of_task = [&](const auto& task) { return prepare(model, task, observer); };
  Prepared prepared = std::visit(of_task, request);
  check_latents(any, model.codec->latent_shape(prepared.height, prepared.width));
  auto sampler = sampler_of(model, any, prepared.scheduler_rewrites);
  check_sampler(model.traits, sampler);
  auto plan = samplers::make_plan(sampler, any.steps, prepared.start);
  std::optional<Refining> refining;
  if (model.refiner) {
    const double share = any.refiner_start.value_or(kRefinerStart);
    plan = before_hand_over(std::move(plan), sampler, share);
    auto next =
        sampler_of(*model.refiner, any, model.refiner->traits.scheduler_rewrites.image_to_image);
    auto rest = after_hand_over(next, any.steps, share);
    refining = {.sampler = std::move(next), .plan = std::move(rest)};
  }
  return {std::move(prepared), std::move(sampler), std::move(plan), std::move(refining)};
}

// As web UIs look for weights before they name their kind.
bool may_hold_weights(const PictureRequest& request) {
  const auto has_brackets = [](const std::optional<std::string>& text) {
    return text && text->find_first_of("([") != std::string::npos;
  };
  return request.prompt_syntax == PromptSyntax::webui &&
         (has_brackets(request.prompt) || has_brackets(request.negative_prompt) ||
          has_brackets(request.prompt_2) || has_brackets(request.negative_prompt_2));
}

// What the request says. An empty negative prompt is recorded as one where that is not the same as
// none.
TaskRecord record_for(const ModelTraits& traits, const Request& request) {
  auto record = record_of(request);
  if (traits.knows_absent_negative && common(request).negative_prompt == "")
    record.settings["empty_negative_prompt"] = "encoded";
  if (!traits.emphasis.empty() && may_hold_weights(common(request)))
    record.parameters.emplace_back("Emphasis", traits.emphasis);
  return record;
}

void put_hint(const at::Tensor& hint, const LatentModel& model, PromptConditioning& told) {
  told.prompt.hint = told.negative_prompt.hint = hint.to(model.placement.device);
}

PictureFrame frame_of(const Prepared& prepared) {
  return {{prepared.width, prepared.height}, prepared.from_picture, prepared.shown != nullptr};
}

// Pictures beside the prompt are the model's own, whose layers their adapters are made for.
PromptConditioning encode_for(LatentModel& refiner, PictureRequest request,
                              const PictureFrame& frame, Progress progress, Observer& observer) {
  request.picture_prompts.clear();
  return refiner.conditioner->encode(request, {frame.size, true}, progress, observer);
}

}  // namespace

ReadyRequest make_ready(LatentModel& model, const Request& request, std::size_t index,
                        Progress progress, Observer& observer) {
  auto task = std::make_shared<const Request>(with_models_own(model.traits, request));
  const PictureRequest& any = common(*task);
  auto [prepared, sampler, plan, refining] = settle(model, *task, observer);
  adapt(model, any);
  auto record = record_for(model.traits, *task);
  std::vector<ReadyControl> controls;
  std::optional<ShownControl> hint;
  if (model.traits.follows_hint) {
    hint = make_hint(model, any, prepared, observer);
  } else {
    controls = make_controls(model, any, prepared, observer);
  }
  if (model.prior) model.prior->check({any, 0, prepared.shown});
  const PictureFrame frame = frame_of(prepared);
  auto conditioning = model.conditioner->encode(any, frame, progress, observer);
  if (hint) put_hint(hint->hint, model, conditioning);
  if (refining) {
    refining->conditioning = encode_for(*model.refiner, any, frame, progress, observer);
  }
  return {.index = index,
          .task = task,
          .request = any,
          .key = batch_key(request),
          .prepared = std::move(prepared),
          .record = std::move(record),
          .sampler = std::move(sampler),
          .plan = std::move(plan),
          .conditioning = std::move(conditioning),
          .refining = std::move(refining),
          .controls = std::move(controls),
          .hint = hint ? std::move(hint->picture) : Image{}};
}

void check_request(LatentModel& model, const Request& asked) {
  Observer deaf;
  const Request request = with_models_own(model.traits, asked);
  const Settled settled = settle(model, request, deaf);
  adapt(model, common(request));
  if (model.traits.follows_hint) {
    check_hint(model, common(request), settled.prepared);
  } else {
    find_controls(model, common(request), settled.prepared, deaf);
  }
  if (model.prior) model.prior->check({common(request), 0, settled.prepared.shown});
  const PictureFrame frame = frame_of(settled.prepared);
  model.conditioner->encode(common(request), frame, {}, deaf);
  if (model.refiner) encode_for(*model.refiner, common(request), frame, {}, deaf);
}

nlohmann::ordered_json settings_of(LatentModel& model, const Request& asked) {
  Observer deaf;
  const Request request = with_models_own(model.traits, asked);
  const auto [prepared, sampler, plan, refining] = settle(model, request, deaf);
  const Size size = prepared.cut.value_or(Size{prepared.width, prepared.height});
  auto settings =
      settings_record(record_for(model.traits, request), common(request).seed, size, used(sampler));
  settings["vae_tile"] = model.decoder().tile_for(prepared.height, prepared.width);
  return settings;
}

bool can_share_a_batch(const ReadyRequest& a, const ReadyRequest& b) {
  if (a.key != b.key || !can_join(a.conditioning.prompt, b.conditioning.prompt)) return false;
  return !a.refining || can_join(a.refining->conditioning.prompt, b.refining->conditioning.prompt);
}

}  // namespace velatura::pipelines
