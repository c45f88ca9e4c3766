#include "pipelines/text_encoding.h"

#include <algorithm>

#include "velatura/error.h"

namespace velatura::pipelines {

at::Tensor encode_prompts(const StableDiffusion& model, const std::vector<std::string>& prompts,
                          int clip_skip, Observer& observer) {
  const auto& config = model.text_encoder->config();
  if (clip_skip < 0 || clip_skip >= config.num_hidden_layers) {
    throw UsageError("--clip-skip " + std::to_string(clip_skip) + ": the text encoder has " +
                     std::to_string(config.num_hidden_layers) + " layers, expected 0 … " +
                     std::to_string(config.num_hidden_layers - 1));
  }
  const auto positions = static_cast<std::size_t>(config.max_position_embeddings);
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

}  // namespace velatura::pipelines
