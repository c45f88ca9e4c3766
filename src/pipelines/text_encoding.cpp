#include "pipelines/text_encoding.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <vector>

#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

void check_clip_skip(const models::ClipTextConfig& config, int clip_skip) {
  if (clip_skip < 0 || clip_skip >= config.num_hidden_layers) {
    throw UsageError("--clip-skip " + std::to_string(clip_skip) + ": the text encoder has " +
                     std::to_string(config.num_hidden_layers) + " layers, expected 0 … " +
                     std::to_string(config.num_hidden_layers - 1));
  }
}

// [N, T, hidden_size], in one pass.
at::Tensor encode(const StableDiffusion& model, const std::vector<std::string>& prompts,
                  int clip_skip, Observer& observer) {
  const auto positions =
      static_cast<std::size_t>(model.text_encoder->config().max_position_embeddings);
  const auto length = std::min(model.tokenizer.model_max_length().value_or(positions), positions);
  std::vector<at::Tensor> ids;
  for (const auto& prompt : prompts) {
    const auto encoding = model.tokenizer.encode(prompt, length);
    if (!encoding.dropped.empty()) {
      observer.on_warning("the prompt has " + std::to_string(encoding.tokens) +
                          " tokens, the model reads " + std::to_string(length - 2) +
                          "; left out: \"" + encoding.dropped + "\"");
    }
    ids.push_back(at::tensor(encoding.ids));
  }
  return model.text_encoder->forward(at::stack(ids).to(model.placement.device), clip_skip);
}

}  // namespace

TextConditioning encode_text(const StableDiffusion& model, const PictureRequest& request,
                             Observer& observer) {
  check_clip_skip(model.text_encoder->config(), request.clip_skip);
  const bool guided = request.guidance_scale > 1.0;
  TextConditioning text;
  if (guided && request.clip_skip == 0) {
    const auto both = encode(model, {request.negative_prompt, request.prompt}, 0, observer);
    text = {.prompt = both.narrow(0, 1, 1), .negative_prompt = both.narrow(0, 0, 1)};
  } else {
    text.prompt = encode(model, {request.prompt}, request.clip_skip, observer);
    // As in diffusers, the negative prompt goes through all layers whatever the clip skip.
    if (guided) text.negative_prompt = encode(model, {request.negative_prompt}, 0, observer);
  }
  observer.on_progress(
      {.stage = Stage::encode_prompt, .done = 1, .total = 1, .images = request.num_images});
  return text;
}

}  // namespace velatura::pipelines
