#pragma once

#include <optional>

#include "core/device.h"
#include "families/latest_prompts.h"
#include "pipelines/conditioner.h"
#include "tokenizer/xlm_roberta_tokenizer.h"
#include "weights/layouts/model_files.h"

namespace velatura::families {

/// @throws UsageError for what of a request Kandinsky's models have no use for
void check_kandinsky_prompts(const PictureRequest& request);

/// What Kandinsky's UNet is told by the prompt itself: with 2.1 the hidden states of a text encoder for
/// many languages and its one vector, as diffusers' KandinskyPipeline; with 2.2 nothing. The negative
/// prompt is the prior's; here it is an empty text. The text encoder is loaded where a prompt is not
/// remembered, and let go of.
class KandinskyConditioner : public pipelines::Conditioner {
 public:
  /// @param files  with 2.1 of the model; its text encoder and tokenizer are used
  KandinskyConditioner(const weights::ModelFiles& files, Placement placement);

  /// @throws as check_kandinsky_prompts(); InputError where what is encoded is not finite
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress progress,
                                       Observer& observer) override;

 private:
  /// What the text encoder is given.
  struct Prompts {
    tokenizer::Encoding prompt;
    std::optional<tokenizer::Encoding> negative;
    bool operator==(const Prompts& other) const;
  };
  Prompts read(const PictureRequest& request, Observer& observer) const;
  pipelines::PromptConditioning encode_both(const Prompts& prompts) const;

  std::optional<weights::Part> text_encoder_;  // absent: the prompt is the prior's alone
  std::optional<tokenizer::XlmRobertaTokenizer> tokenizer_;
  Placement placement_;
  LatestPrompts<Prompts> latest_;
};

/// The same as far as configs tell it.
class KandinskyConditionerOutline : public pipelines::Conditioner {
 public:
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame&, Progress,
                                       Observer&) override {
    check_kandinsky_prompts(request);
    return {};
  }
};

}  // namespace velatura::families
