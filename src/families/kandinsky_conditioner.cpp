#include "families/kandinsky_conditioner.h"

#include <ATen/ATen.h>

#include <utility>

#include "core/finite.h"
#include "families/fault_finder.h"
#include "families/load_network.h"
#include "models/multilingual_clip/multilingual_clip.h"
#include "velatura/error.h"

namespace velatura::families {

using pipelines::Conditioning;
using pipelines::PromptConditioning;

namespace {

constexpr std::size_t kTokens = 77;  // of a text, as diffusers cuts it

[[noreturn]] void refuse(const char* field, const char* why) {
  throw UsageError(std::string(field) + ": " + why, {field});
}

// What is drawn instead of a prompt that there is; null: it is drawn.
const char* in_its_place(const PictureRequest& request, const pipelines::PictureFrame& frame) {
  if (request.prompt.empty()) return nullptr;
  if (request.image_embeds) return "image-embeds-in";
  if (!request.mix.empty()) return "mix";
  return frame.shows_picture ? "the picture" : nullptr;
}

}  // namespace

void check_kandinsky_prompts(const PictureRequest& request) {
  constexpr const char* kNoUse = "Kandinsky's models have no use for it";
  if (request.clip_skip != 0) refuse("clip-skip", kNoUse);
  if (!request.embeddings.empty()) refuse("embedding", kNoUse);
  if (!request.groundings.empty()) refuse("ground", kNoUse);
  if (!request.picture_prompts.empty())
    refuse("ip-adapter", "Kandinsky's models are shown pictures by mix and by variations");
  if (request.prompt_syntax != PromptSyntax::plain)
    refuse("prompt-syntax", "Kandinsky's models read prompts plainly");
}

bool KandinskyConditioner::Prompts::operator==(const Prompts& other) const {
  return prompt.ids == other.prompt.ids && negative.has_value() == other.negative.has_value();
}

KandinskyConditioner::KandinskyConditioner(const weights::ModelFiles& files, Placement placement)
    : placement_(placement) {
  const weights::Part* const encoder = files.find("text_encoder");
  if (encoder == nullptr) return;
  text_encoder_ = *encoder;
  tokenizer_.emplace(
      tokenizer::XlmRobertaTokenizer::from_folder(files.tokenizer("tokenizer").folder));
}

KandinskyConditioner::Prompts KandinskyConditioner::read(const PictureRequest& request,
                                                         Observer& observer) const {
  Prompts prompts{.prompt = tokenizer_->encode(request.prompt, kTokens), .negative = std::nullopt};
  if (is_guided(request)) prompts.negative = tokenizer_->encode("", kTokens);
  const auto lost = tokenizer::shortfall(prompts.prompt, "prompt", "model");
  if (!lost.empty()) observer.on_warning(lost);
  return prompts;
}

PromptConditioning KandinskyConditioner::encode_both(const Prompts& prompts) const {
  const auto network = load_network<models::MultilingualClip, models::MultilingualClipConfig>(
      *text_encoder_, {placement_.device, placement_.dtype});
  const auto encode = [&](const tokenizer::Encoding& text) {
    const auto ids = at::tensor(text.ids).unsqueeze(0).to(placement_.device);
    const auto [hidden, pooled] = network->forward(ids, ids != network->config().pad_token_id);
    if (!all_finite(hidden) || !all_finite(pooled)) {
      throw FaultFinder(*text_encoder_)
          .explain("text encoder", placement_.dtype, "for this prompt");
    }
    return Conditioning{.context = hidden, .pooled = pooled};
  };
  PromptConditioning both{.prompt = encode(prompts.prompt)};
  if (prompts.negative) both.negative_prompt = encode(*prompts.negative);
  return both;
}

PromptConditioning KandinskyConditioner::encode(const PictureRequest& request,
                                                const pipelines::PictureFrame& frame,
                                                Progress progress, Observer& observer) {
  check_kandinsky_prompts(request);
  PromptConditioning told;
  if (text_encoder_) {
    told = latest_.of(read(request, observer),
                      [this](const Prompts& prompts) { return encode_both(prompts); });
  } else if (const char* instead = in_its_place(request, frame)) {
    observer.on_warning(std::string("the prompt is not read: ") + instead + " takes its place");
  }
  progress.stage = Stage::encode_prompt;
  progress.done = progress.total = 1;
  observer.on_progress(progress);
  return told;
}

}  // namespace velatura::families
