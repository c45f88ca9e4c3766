#include "families/stable_diffusion_xl_conditioner.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "families/clip_conditioner.h"
#include "velatura/error.h"

namespace velatura::families {

using pipelines::Conditioning;
using pipelines::PictureFrame;
using pipelines::PromptConditioning;

namespace {

// Within these the buckets lie that it was trained in (Podell et al. 2023, appendix I).
constexpr double kLeastArea = 0.5, kMostArea = 1.5, kMostRatio = 4.0;

bool is_far(const pipelines::Size& size, std::int64_t own_side) {
  const double width = size.width, height = size.height;
  const double area = width * height / static_cast<double>(own_side * own_side);
  const double ratio = std::max(width, height) / std::min(width, height);
  return area < kLeastArea || area > kMostArea || ratio > kMostRatio;
}

at::Tensor numbers(const std::vector<double>& values, const at::TensorOptions& options) {
  return at::tensor(values).unsqueeze(0).to(options);
}

}  // namespace

void check_task(const StableDiffusionXlTelling& telling, const PictureFrame& frame) {
  if (telling.sizes == SizeTelling::sizes || frame.from_picture) return;
  throw UsageError(
      "this model is a refiner, which goes on with pictures: it is for img2img, or --refiner beside "
      "a base model");
}

void StableDiffusionXlConditioner::learn(const std::vector<EmbeddingUse>& embeddings,
                                         Observer& observer) {
  std::vector<PlacedEncoder> encoders;
  for (const TextTower& tower : towers_) encoders.push_back({tower.config(), tower.place()});
  check_learned_words(embeddings, encoders);
  Observer deaf;  // both vocabularies are CLIP's
  for (TextTower& tower : towers_)
    tower.learn(embeddings, &tower == &towers_.front() ? observer : deaf);
}

StableDiffusionXlConditioner::Prompts StableDiffusionXlConditioner::read_prompts(
    const PictureRequest& request, Observer& observer) {
  Observer deaf;
  // The second prompt is the last tower's where there are two; a lone one reads the first.
  const auto read = [&](const std::string& first, const std::optional<std::string>& second,
                        const std::string& name) {
    std::vector<Chunks> chunks;
    for (std::size_t i = 0; i < towers_.size(); ++i) {
      const bool other = i > 0 && second && !second->empty();
      Observer& listener = i == 0 || other ? observer : deaf;
      chunks.push_back(towers_[i].read(other ? *second : first, request.prompt_syntax,
                                       name + (other ? " 2" : ""), listener));
    }
    return chunks;
  };
  Prompts prompts{.wanted = {},
                  .guided = is_guided(request),
                  .clip_skip = request.clip_skip,
                  .embeddings = request.embeddings,
                  .weights = weights_};
  const bool zeros = telling_.zeroes_absent_negative && !request.negative_prompt;
  if (prompts.guided && !zeros) {
    prompts.negative =
        read(request.negative_prompt.value_or(""), request.negative_prompt_2, "negative prompt");
  }
  prompts.wanted = read(request.prompt, request.prompt_2, "prompt");
  std::size_t count = 0;
  for (auto* half : {&prompts.wanted, &prompts.negative})
    for (const Chunks& chunks : *half) count = std::max(count, chunks.size());
  for (auto* half : {&prompts.wanted, &prompts.negative})
    for (std::size_t i = 0; i < half->size(); ++i) towers_[i].pad((*half)[i], count);
  return prompts;
}

Conditioning StableDiffusionXlConditioner::encode(const std::vector<Chunks>& chunks,
                                                  int clip_skip) const {
  std::vector<at::Tensor> hidden;
  at::Tensor pooled;
  for (std::size_t i = 0; i < towers_.size(); ++i) {
    const models::ClipHiddenState state{.left_out = clip_skip + 1, .final_norm = false};
    const auto encoded = towers_[i].encode({&chunks[i]}, state, Emphasis::no_norm).front();
    hidden.push_back(encoded.hidden);
    pooled = encoded.pooled.narrow(0, 0, 1);  // the first chunk's, as in web UIs
  }
  towers_.back().require_finite(pooled, "for this prompt");
  return {.context = at::cat(hidden, 2), .pooled = pooled};
}

PromptConditioning StableDiffusionXlConditioner::encode_both(const Prompts& prompts) const {
  PromptConditioning both{.prompt = encode(prompts.wanted, prompts.clip_skip)};
  if (!prompts.guided) return both;
  // As in diffusers, the negative prompt goes through all layers whatever the clip skip.
  both.negative_prompt = prompts.negative.empty()
                             ? Conditioning{.context = at::zeros_like(both.prompt.context),
                                            .pooled = at::zeros_like(both.prompt.pooled)}
                             : encode(prompts.negative, 0);
  return both;
}

void StableDiffusionXlConditioner::note(const PictureRequest& request, const PictureFrame& frame,
                                        Observer& observer) {
  if (telling_.own_side && !noted_size_ && is_far(frame.size, *telling_.own_side)) {
    noted_size_ = true;
    const int side = static_cast<int>(*telling_.own_side);
    observer.on_warning("pictures of " + text_of(frame.size) + " are far from " +
                        text_of(pipelines::Size{side, side}) +
                        " and the like, which the model was trained on");
  }
  if (!telling_.few_steps || noted_steps_) return;
  const std::string complaint = misfit(*telling_.few_steps, request);
  if (complaint.empty()) return;
  noted_steps_ = true;
  observer.on_warning(complaint);
}

PromptConditioning StableDiffusionXlConditioner::encode(const PictureRequest& request,
                                                        const PictureFrame& frame,
                                                        Progress progress, Observer& observer) {
  check_task(telling_, frame);
  for (const TextTower& tower : towers_) check_clip_skip(tower.config(), request.clip_skip, 1);
  const auto [wanted, negative] = time_ids(request, frame, telling_.sizes, observer);
  note(request, frame, observer);
  learn(request.embeddings, observer);
  auto conditioning = latest_.of(read_prompts(request, observer),
                                 [this](const Prompts& prompts) { return encode_both(prompts); });
  const auto options = conditioning.prompt.context.options();
  conditioning.prompt.time_ids = numbers(wanted, options);
  if (conditioning.guided()) conditioning.negative_prompt.time_ids = numbers(negative, options);
  progress.stage = Stage::encode_prompt;
  progress.done = progress.total = 1;
  observer.on_progress(progress);
  return conditioning;
}

}  // namespace velatura::families
