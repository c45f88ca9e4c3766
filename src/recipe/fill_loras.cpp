#include <cmath>
#include <string>

#include "recipe/fill.h"
#include "request/adapter_texts.h"
#include "tokenizer/prompt_networks.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

std::string without_folders(std::string_view file) {
  const std::size_t slash = file.find_last_of("/\\");
  if (slash != file.npos) file.remove_prefix(slash + 1);
  for (const std::string_view extension : {".safetensors", ".ckpt", ".pt", ".bin"}) {
    if (file.size() > extension.size() && file.ends_with(extension))
      file.remove_suffix(extension.size());
  }
  return std::string(file);
}

}  // namespace

void add_lora(Recipe& recipe, const LoraUse& lora, const std::string& hash) {
  add(recipe, "lora", request::text_of(lora));
  if (!hash.empty()) recipe.adapters[lora.file.string()].push_back(hash);
}

void set_prompt_with_networks(Recipe& recipe, std::string_view option, std::string prompt) {
  try {
    const std::size_t before = prompt.size();
    for (const auto& [name, text_scale, scale] : tokenizer::take_networks(prompt)) {
      LoraUse lora{.file = name, .scale = scale};
      if (text_scale != scale) lora.text_scale = text_scale;
      add_lora(recipe, lora);
    }
    while (prompt.size() < before && prompt.ends_with(' ')) prompt.pop_back();
  } catch (const UsageError& error) {
    leave_out(recipe, error.what());
  }
  set(recipe, option, prompt);
}

void add_named_lora(Recipe& recipe, std::string_view file, const Json& scale,
                    std::optional<double> text_scale) {
  const Json number = scale.is_string() ? number_or_text(scale.get<std::string>()) : scale;
  const std::string name = without_folders(file);
  if (name.empty() || name == "None") return;
  if (!number.is_number()) return leave_out(recipe, "lora " + name, scale);
  LoraUse lora{.file = name, .scale = number.get<double>()};
  if (text_scale && *text_scale != lora.scale) lora.text_scale = text_scale;
  add_lora(recipe, lora);
}

}  // namespace velatura::recipe
