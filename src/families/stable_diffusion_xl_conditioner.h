#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "families/few_steps.h"
#include "families/latest_prompts.h"
#include "families/size_conditioning.h"
#include "families/text_tower.h"
#include "pipelines/conditioner.h"

namespace velatura::families {

/// How a model of the family is told of a request, beside its networks.
struct StableDiffusionXlTelling {
  SizeTelling sizes = SizeTelling::sizes;
  bool zeroes_absent_negative = true;  ///< an absent negative prompt is zeros, not an empty text
  std::optional<std::int64_t> own_side = {};  ///< pixels; absent: the model does not say it
  std::optional<FewSteps> few_steps = {};
};

/// @throws UsageError where a refiner is to begin with nothing
void check_task(const StableDiffusionXlTelling& telling, const pipelines::PictureFrame& frame);

/// Stable Diffusion XL's text encoders, or its refiner's one (Podell et al. 2023, §2.1): the context is
/// the last but one hidden states of all of them side by side, and the last one gives the text in one
/// vector. Says once what does not fit the model's training: sizes far from its own, steps and
/// guidance of another kind of model.
class StableDiffusionXlConditioner : public pipelines::Conditioner {
 public:
  /// @param towers  one or two, the one that projects last
  StableDiffusionXlConditioner(std::vector<TextTower> towers, StableDiffusionXlTelling telling)
      : towers_(std::move(towers)), telling_(telling), weights_(towers_.size()) {}

  /// As ClipConditioner::use_weights(), of one of the text encoders.
  void use_weights(std::size_t tower, std::string name) { weights_[tower] = std::move(name); }

  /// @throws as ClipConditioner::encode(), time_ids() and check_task()
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress progress,
                                       Observer& observer) override;

 private:
  using Chunks = TextTower::Chunks;
  /// A request's prompts, for each of the text encoders.
  struct Prompts {
    std::vector<Chunks> wanted;
    std::vector<Chunks> negative = {};  ///< as many chunks; empty: none, or zeros
    bool guided = false;
    int clip_skip = 0;
    std::vector<EmbeddingUse> embeddings = {};
    std::vector<std::string> weights = {};
    bool operator==(const Prompts&) const = default;
  };
  void learn(const std::vector<EmbeddingUse>& embeddings, Observer& observer);
  Prompts read_prompts(const PictureRequest& request, Observer& observer);
  pipelines::Conditioning encode(const std::vector<Chunks>& chunks, int clip_skip) const;
  pipelines::PromptConditioning encode_both(const Prompts& prompts) const;
  void note(const PictureRequest& request, const pipelines::PictureFrame& frame,
            Observer& observer);

  std::vector<TextTower> towers_;
  StableDiffusionXlTelling telling_;
  std::vector<std::string> weights_;
  LatestPrompts<Prompts> latest_;
  bool noted_size_ = false, noted_steps_ = false;
};

}  // namespace velatura::families
