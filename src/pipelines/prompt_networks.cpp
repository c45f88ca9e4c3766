#include "pipelines/prompt_networks.h"

#include "core/text.h"

namespace velatura::pipelines {

std::string prompt_with_networks(const PictureRequest& request) {
  std::string prompt = request.prompt;
  for (const LoraUse& lora : request.loras) {
    const std::string unet = number_text(lora.scale);
    const std::string text = lora.text_scale ? number_text(*lora.text_scale) + ":" : "";
    prompt += (prompt.empty() || prompt.ends_with(' ') ? "<lora:" : " <lora:") +
              lora.file.stem().string() + ":" + text + unet + ">";
  }
  return prompt;
}

}  // namespace velatura::pipelines
