#include <algorithm>
#include <cmath>
#include <string>

#include "core/text.h"
#include "families/kandinsky_prior.h"
#include "families/model_parts.h"
#include "models/catalogue.h"
#include "models/clip_text/config.h"
#include "models/clip_vision/config.h"
#include "velatura/error.h"
#include "weights/load_strict.h"
#include "weights/sources/names.h"

namespace velatura::families {

using pipelines::Imagining;

namespace {

void check_width(const weights::Part& part, const char* key, std::int64_t found,
                 std::int64_t expected) {
  if (found == expected) return;
  throw InputError(part.config.where() + ": " + key + " is " + std::to_string(found) +
                   ", expected " + std::to_string(expected) + " as the model draws from");
}

// Before any weights are read: parts that do not belong together are a prior of nothing.
void check_fit(const weights::ModelFiles& files, std::int64_t width) {
  const weights::Part &prior = files.part("prior"), &text = files.part("text_encoder"),
                      &image = files.part("image_encoder");
  const auto config = models::PriorConfig::read(prior.config);
  check_width(prior, "embedding_dim", config.embedding_dim, width);
  const auto encoder = models::ClipTextProjectionConfig::read(text.config);
  check_width(text, "hidden_size", encoder.hidden_size, width);
  check_width(text, "projection_dim", encoder.projection_dim, width);
  check_width(text, "max_position_embeddings", encoder.max_position_embeddings,
              config.num_embeddings);
  const auto tower = models::ClipVisionConfig::read(image.config);
  check_width(image, "projection_dim", tower.projection_dim, width);
  check_tokenizer(text, encoder, load_tokenizer(files.tokenizer("tokenizer")));
  const auto processor = ClipPicture::read(files.config("image_processor"));
  if (processor.crop != tower.image_size) {
    throw InputError(files.config("image_processor").where() + ": crop_size is " +
                     std::to_string(processor.crop) + ", but the image encoder takes pictures of " +
                     std::to_string(tower.image_size) + " pixels");
  }
  for (const weights::Part& part : files.parts)
    weights::check_strict(models::network_parameters(part.class_name, part.config), *part.weights);
}

/// A field that a prior reads, and whether a request says something of it.
struct Said {
  const char* field;
  bool said;
};

// What has nothing to do where something else takes the prior's place.
void refuse_idle(const char* instead, std::initializer_list<Said> all) {
  for (const auto& [field, said] : all) {
    if (!said) continue;
    throw UsageError(std::string(field) + ": nothing is imagined of it beside " + instead,
                     {field, instead});
  }
}

}  // namespace

std::vector<double> shares_of(const std::vector<MixItem>& mix) {
  double given = 0;
  std::ptrdiff_t open = 0;
  for (const MixItem& item : mix) {
    given += item.weight.value_or(0);
    if (!item.weight) ++open;
  }
  const double left = open == 0 ? 0 : (1 - given) / static_cast<double>(open);
  if (open > 0 && !(left > 0)) {
    throw UsageError("mix: the weights given are " + number_text(given) +
                         " in all, which leaves nothing for what has none",
                     {"mix"});
  }
  std::vector<double> shares;
  for (const MixItem& item : mix) shares.push_back(item.weight.value_or(left));
  return shares;
}

ImaginingChecks::ImaginingChecks(const weights::PriorFiles& prior, std::int64_t width)
    : missing_(prior.missing.empty() ? "prior MODEL is needed" : prior.missing), width_(width) {
  if (!prior.files) return;
  check_fit(*prior.files, width);
  scheduler_ = samplers::UnclipConfig::read(prior.files->config("scheduler"));
}

void ImaginingChecks::check_prior() const {
  if (!scheduler_) throw UsageError(missing_, {"prior"});
}

void ImaginingChecks::check_embeds(const PictureRequest& request) const {
  const ImageEmbeds& embeds = *request.image_embeds;
  const auto rows = embeds.shape.at(0);
  if (embeds.shape.at(1) != width_ || (rows != 1 && rows != request.num_images)) {
    const auto of_rows = [this](std::int64_t count) {
      return weights::shape_text(std::vector{count, width_});
    };
    throw InputError("image-embeds-in holds " + weights::shape_text(embeds.shape) +
                         ", this request needs " + of_rows(1) +
                         (request.num_images == 1 ? "" : " or " + of_rows(request.num_images)),
                     {"image-embeds-in"});
  }
  const auto is_finite = [](float x) { return std::isfinite(x); };
  if (!std::ranges::all_of(embeds.values, is_finite) ||
      !std::ranges::all_of(embeds.negative, is_finite)) {
    throw InputError("image-embeds-in holds values that are not finite", {"image-embeds-in"});
  }
  if (embeds.negative.empty() && is_guided(request) && !scheduler_) {
    throw UsageError("image-embeds-in has no negative_image_embeds: " + missing_,
                     {"image-embeds-in", "prior"});
  }
}

void ImaginingChecks::check(const Imagining& asked) const {
  const PictureRequest& request = asked.request;
  const Said mix{"mix", !request.mix.empty()},
      embeds{"image-embeds-in", request.image_embeds.has_value()},
      negative{"negative-prompt", request.negative_prompt.has_value()},
      steps{"prior-steps", request.prior_steps.has_value()},
      guidance{"prior-guidance-scale", request.prior_guidance_scale.has_value()};
  if (asked.shown != nullptr) {
    refuse_idle("image", {mix, embeds, negative, steps, guidance});
    check_prior();
    return;
  }
  if (embeds.said) {
    refuse_idle("image-embeds-in", {mix, negative, steps, guidance});
    check_embeds(request);
    return;
  }
  check_prior();
  if (mix.said) shares_of(request.mix);
  const int most = scheduler_->num_train_timesteps;
  if (request.prior_steps && *request.prior_steps > most) {
    throw UsageError("prior-steps " + std::to_string(*request.prior_steps) + ": expected 2 … " +
                         std::to_string(most),
                     {"prior-steps"});
  }
}

}  // namespace velatura::families
