#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "recipe/fill.h"
#include "recipe/programs.h"

namespace velatura::recipe {
namespace {

constexpr std::array<Field, 3> kFooocusFields{{{"seed", "seed", Kind::whole},
                                               {"steps", "steps", Kind::whole},
                                               {"guidance_scale", "guidance-scale", Kind::number}}};

// "(1152, 896)"
void read_resolution(Recipe& recipe, const std::string& text) {
  const std::size_t comma = text.find(',');
  if (!text.starts_with('(') || !text.ends_with(')') || comma == text.npos) {
    return leave_out(recipe, "resolution", text);
  }
  const std::size_t height = std::min(text.find_first_not_of(' ', comma + 1), text.size() - 1);
  set_field(recipe, {"resolution", "width", Kind::whole},
            number_or_text(text.substr(1, comma - 1)));
  set_field(recipe, {"resolution", "height", Kind::whole},
            number_or_text(text.substr(height, text.size() - 1 - height)));
}

// ["style.safetensors", 0.5, "0123456789"]
void read_fooocus_lora(Recipe& recipe, const Json& lora) {
  if (!lora.is_array() || lora.size() < 2 || !lora[0].is_string())
    return leave_out(recipe, "loras", lora);
  add_named_lora(recipe, lora[0].get_ref<const std::string&>(), lora[1]);
}

bool is_default(const std::string& value) {
  return value == "None" || value == "Default (model)";
}

}  // namespace

// The prompt is what was typed: styles and the expansion, which Fooocus adds, are left out.
Recipe from_fooocus(const Json& object) {
  Recipe recipe;
  recipe.made_by = text_at(object, "version");
  if (recipe.made_by.empty()) recipe.made_by = "Fooocus";
  recipe.task = "txt2img";
  set_prompts(recipe, text_at(object, "prompt"), text_at(object, "negative_prompt"));
  set_model(recipe, text_at(object, "base_model"));
  recipe.model_hash = text_at(object, "base_model_hash");
  std::string sampler = text_at(object, "sampler");
  if (sampler.ends_with("_gpu")) sampler.erase(sampler.size() - 4);
  if (!sampler.empty()) {
    set_sampler(recipe, sampler);
    set_noise_levels(recipe, text_at(object, "scheduler"));
  }
  read_members(recipe, object, kFooocusFields, [&](const std::string& key, const Json& value) {
    if (key == "resolution" && value.is_string()) {
      read_resolution(recipe, value);
    } else if (key == "clip_skip" && value.is_number_unsigned() && value > 0) {
      set_field(recipe, {key, "clip-skip", Kind::whole}, value.get<std::uint64_t>() - 1);
    } else if (key == "vae" && value.is_string() && !is_default(value)) {
      set_model(recipe, value.get_ref<const std::string&>(), "vae");
    } else if (key == "loras" && value.is_array()) {
      for (const Json& lora : value) read_fooocus_lora(recipe, lora);
    } else {
      return key == "version" || key == "metadata_scheme" || key == "prompt" ||
             key == "negative_prompt" || key == "base_model" || key == "base_model_hash" ||
             (!sampler.empty() && (key == "sampler" || key == "scheduler")) ||
             (value.is_string() && is_default(value));
    }
    return true;
  });
  return recipe;
}

}  // namespace velatura::recipe
