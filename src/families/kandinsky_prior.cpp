#include "families/kandinsky_prior.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/finite.h"
#include "samplers/run.h"
#include "velatura/error.h"

namespace velatura::families {

using pipelines::Imagined;
using pipelines::Imagining;
using pipelines::PromptConditioning;
using Text = models::PriorTransformer::Text;

namespace {

constexpr int kPriorSteps = 25;
constexpr double kPriorGuidance = 4.0;

at::Tensor row_of(const std::vector<float>& values, const std::vector<std::int64_t>& shape,
                  int image) {
  const std::int64_t row = shape[0] == 1 ? 0 : image;
  return at::tensor(values).view(shape).narrow(0, row, 1);
}

std::vector<float> numbers(const at::Tensor& vector) {
  const auto flat = vector.to(at::kCPU, at::kFloat).contiguous();
  const auto* values = flat.const_data_ptr<float>();
  return {values, values + flat.numel()};
}

// The texts of one item, or of the prompt, and what they are guided away from.
void add_texts(const Imagining& asked, std::vector<std::string>& texts) {
  const PictureRequest& request = asked.request;
  texts.emplace_back("");
  if (request.negative_prompt) texts.push_back(*request.negative_prompt);
  if (request.mix.empty()) texts.push_back(request.prompt);
  for (const MixItem& item : request.mix)
    if (item.image.pixels.empty()) texts.push_back(item.text);
}

}  // namespace

KandinskyPrior::KandinskyPrior(const weights::PriorFiles& prior, ImaginingChecks checks,
                               Placement placement)
    : checks_(std::move(checks)), placement_(placement) {
  if (!prior.files) return;
  networks_.emplace(*prior.files, placement);
  scheduler_ = samplers::UnclipConfig::read(prior.files->config("scheduler"));
}

void KandinskyPrior::prepare(std::span<const Imagining> pictures, Observer& observer) {
  std::vector<std::string> texts;
  std::vector<const Image*> seen;
  for (const Imagining& asked : pictures) {
    const auto& embeds = asked.request.image_embeds;
    const bool is_told = embeds && (!embeds->negative.empty() || !is_guided(asked.request));
    if (is_told) continue;
    // What is kept away from is a picture of nothing, but where a text says what.
    const bool says_negative = asked.request.negative_prompt.has_value() && !embeds;
    if (!says_negative || !asked.request.mix.empty()) seen.push_back(nullptr);
    if (asked.shown != nullptr) seen.push_back(asked.shown);
    for (const MixItem& item : asked.request.mix)
      if (!item.image.pixels.empty()) seen.push_back(&item.image);
    if (!embeds && asked.shown == nullptr) add_texts(asked, texts);
  }
  if (!texts.empty()) networks_->encode_texts(texts, observer);
  if (!seen.empty()) networks_->see(seen);
}

Text KandinskyPrior::joined(const std::vector<std::string>& texts) const {
  std::vector<at::Tensor> hidden, pooled, mask;
  for (const std::string& text : texts) {
    const Text& each = networks_->text(text);
    hidden.push_back(each.hidden);
    pooled.push_back(each.pooled);
    mask.push_back(each.mask);
  }
  return {at::cat(hidden), at::cat(pooled), at::cat(mask)};
}

// @param negative  what each of the wanted texts is guided away from  @return [R, D]
at::Tensor KandinskyPrior::denoised(const std::vector<std::string>& wanted,
                                    const std::vector<std::string>& negative, Run& run) {
  const PictureRequest& request = run.request;
  const double guidance = request.prior_guidance_scale.value_or(kPriorGuidance);
  const bool guided = guidance > 1.0;
  std::vector<std::string> texts = guided ? negative : std::vector<std::string>();
  texts.insert(texts.end(), wanted.begin(), wanted.end());
  const Text told = joined(texts);
  const auto& transformer = networks_->transformer();
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(wanted.size()),
                                        transformer.config().embedding_dim};
  const auto draw = [&] { return run.noise.normal(shape).squeeze(0); };
  const auto plan = samplers::unclip(*scheduler_, request.prior_steps.value_or(kPriorSteps));
  run.progress.stage = Stage::imagine;
  run.progress.total = static_cast<int>(plan.steps.size());
  const auto result = samplers::run(
      plan, draw() * plan.init_noise_sigma,
      [&](const at::Tensor& x, double timestep, std::size_t) {
        const auto rows = guided ? at::cat({x, x}) : x;
        const auto times = at::full({rows.size(0)}, timestep, rows.options());
        const auto predicted =
            transformer.forward(rows.to(placement_.dtype), times, told).to(at::kFloat);
        if (!guided) return predicted;
        const auto halves = predicted.chunk(2);
        return halves[0] + guidance * (halves[1] - halves[0]);
      },
      draw,
      [&](std::size_t step, at::Tensor&) {
        run.progress.done = static_cast<int>(step) + 1;
        run.observer.on_progress(run.progress);
        if (run.observer.cancelled()) throw Interrupted();
      });
  const auto vectors = transformer.denormalised(result);
  if (!all_finite(vectors)) throw networks_->not_finite("for this prompt");
  return vectors;
}

// With a negative prompt both are imagined, each guided away from it.
KandinskyPrior::Vectors KandinskyPrior::imagined(const std::string& prompt,
                                                 const std::optional<std::string>& negative,
                                                 Run& run) {
  if (!negative) return {denoised({prompt}, {""}, run), networks_->seen(nullptr)};
  const auto both = denoised({prompt, *negative}, {*negative, *negative}, run);
  return {both.narrow(0, 0, 1), both.narrow(0, 1, 1)};
}

KandinskyPrior::Vectors KandinskyPrior::mixed(Run& run) {
  const auto& mix = run.request.mix;
  const std::vector<double> shares = shares_of(mix);
  at::Tensor sum;
  for (std::size_t i = 0; i < mix.size(); ++i) {
    const MixItem& item = mix[i];
    const auto one = item.image.pixels.empty() ? imagined(item.text, std::nullopt, run).wanted
                                               : networks_->seen(&item.image);
    const auto share = one * shares[i];
    sum = sum.defined() ? sum + share : share;
  }
  // Its random numbers are drawn also where nothing but the picture of nothing is taken of it.
  const std::string negative = run.request.negative_prompt.value_or("");
  const auto last = imagined(negative, std::nullopt, run);
  return {sum, negative.empty() ? last.negative : last.wanted};
}

KandinskyPrior::Vectors KandinskyPrior::given(const ImageEmbeds& embeds, int image,
                                              bool guided) const {
  Vectors vectors{row_of(embeds.values, embeds.shape, image), {}};
  if (!embeds.negative.empty()) {
    vectors.negative = row_of(embeds.negative, embeds.shape, image);
  } else if (guided) {
    vectors.negative = networks_->seen(nullptr);
  }
  return vectors;
}

KandinskyPrior::Vectors KandinskyPrior::vectors_of(const Imagining& asked, Run& run) {
  const PictureRequest& request = asked.request;
  if (asked.shown != nullptr) return {networks_->seen(asked.shown), networks_->seen(nullptr)};
  if (request.image_embeds) return given(*request.image_embeds, asked.image, is_guided(request));
  if (!request.mix.empty()) return mixed(run);
  return imagined(request.prompt, request.negative_prompt, run);
}

Imagined KandinskyPrior::imagine(const Imagining& asked, const PromptConditioning& told,
                                 pipelines::BatchNoise& noise, Progress progress,
                                 Observer& observer) {
  Run run{asked.request, noise, progress, observer};
  const auto [wanted, negative] = vectors_of(asked, run);
  const auto placed = [&](const at::Tensor& vector) {
    return vector.to(placement_.device, placement_.dtype);
  };
  Imagined imagined{.conditioning = told, .embeds = {}};
  imagined.conditioning.prompt.image_embeds = placed(wanted);
  if (is_guided(asked.request)) {
    imagined.conditioning.negative_prompt.image_embeds = placed(negative);
  } else {
    imagined.conditioning.negative_prompt = {};
  }
  imagined.embeds = {.shape = {1, wanted.size(1)}, .values = numbers(wanted)};
  if (negative.defined()) imagined.embeds.negative = numbers(negative);
  return imagined;
}

void KandinskyPrior::release() {
  if (networks_) networks_->release();
}

}  // namespace velatura::families
