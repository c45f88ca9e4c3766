#include <array>
#include <string>

#include "recipe/control_use.h"
#include "recipe/fill.h"
#include "recipe/picture_prompts.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

constexpr std::array<Field, 10> kInvokeAiFields{
    {{"positive_prompt", "prompt", Kind::text},
     {"negative_prompt", "negative-prompt", Kind::text},
     {"width", "width", Kind::whole},
     {"height", "height", Kind::whole},
     {"seed", "seed", Kind::whole},
     {"cfg_scale", "guidance-scale", Kind::number},
     {"cfg_rescale_multiplier", "guidance-rescale", Kind::number},
     {"steps", "steps", Kind::whole},
     {"clip_skip", "clip-skip", Kind::whole},
     {"strength", "strength", Kind::number}}};

constexpr std::array<Field, 6> kInvokeAi2Fields{{{"width", "width", Kind::whole},
                                                 {"height", "height", Kind::whole},
                                                 {"seed", "seed", Kind::whole},
                                                 {"cfg_scale", "guidance-scale", Kind::number},
                                                 {"steps", "steps", Kind::whole},
                                                 {"strength", "strength", Kind::number}}};

void set_made_by(Recipe& recipe, std::string version) {
  if (version.starts_with('v')) version.erase(0, 1);
  recipe.made_by = version.empty() ? "InvokeAI" : "InvokeAI " + version;
}

// "sdxl_txt2img" says the model's family, too.
void read_mode(Recipe& recipe, std::string mode) {
  const std::size_t family = mode.rfind('_');
  if (family != mode.npos) mode.erase(0, family + 1);
  set_task(recipe, mode == "outpaint" ? "inpaint" : mode);
  if (recipe.task == "img2img" || recipe.task == "inpaint") {
    leave_out_start_picture(recipe);
  }
}

// diffusers' schedulers; "_k" at the end means Karras' noise levels.
void read_scheduler(Recipe& recipe, std::string name) {
  const bool karras = name.ends_with("_k");
  if (karras) name.erase(name.size() - 2);
  set_sampler(recipe, name);
  if (karras) set(recipe, "schedule", "karras");
}

// (word)1.2, word++, (two words)-- and "one".blend(…), by the signs that plain prompts lack.
void check_weights(Recipe& recipe, const std::string& option) {
  const std::string prompt = recipe.find(option).value_or("");
  for (const char* sign : {"++", "--", ")+", ")-", ")0", ")1", ").", "+,", "+ "}) {
    if (prompt.find(sign) != prompt.npos) return leave_out(recipe, "weights in the " + option);
  }
}

// {"model": {"name": …}, "weight": 0.7}; version 3 says lora.model_name.
void read_invokeai_lora(Recipe& recipe, const Json& lora) {
  const auto member = [](const Json& object, const char* name) {
    return object.is_object() && object.contains(name) ? object[name] : Json();
  };
  std::string name = text_at(member(lora, "model"), "name");
  if (name.empty()) name = text_at(member(lora, "lora"), "model_name");
  if (name.empty()) return leave_out(recipe, "loras", lora);
  add_named_lora(recipe, name, member(lora, "weight"));
}

void check_weights(Recipe& recipe) {
  check_weights(recipe, "prompt");
  check_weights(recipe, "negative-prompt");
}

// A text, or a list of {prompt, weight}, of which only the first can be used.
void read_prompt(Recipe& recipe, const Json& value) {
  const Json first = value.is_array() && !value.empty() ? value[0] : value;
  if (value.is_array() && value.size() > 1) leave_out(recipe, "further prompts", value);
  const std::string all = first.is_string() ? first.get<std::string>() : text_at(first, "prompt");
  std::string prompt, negative;
  bool inside = false;
  for (const char c : all) {
    if (c == '[' || c == ']') {
      inside = c == '[';
    } else {
      (inside ? negative : prompt) += c;
    }
  }
  while (prompt.ends_with(' ')) prompt.pop_back();
  set(recipe, "prompt", prompt);
  if (!negative.empty()) set(recipe, "negative-prompt", negative);
}

}  // namespace

Recipe from_invokeai(const std::string& metadata) {
  const Json object = object_in(metadata, "invokeai_metadata");
  Recipe recipe;
  set_made_by(recipe, text_at(object, "app_version"));
  for (const auto& entry : object.items()) {
    const std::string& key = entry.key();
    const Json& value = entry.value();
    if (const Field* field = find_field(kInvokeAiFields, key)) {
      set_field(recipe, *field, value);
    } else if (key == "generation_mode" && value.is_string()) {
      read_mode(recipe, value);
    } else if (key == "loras" && value.is_array()) {
      for (const Json& lora : value) read_invokeai_lora(recipe, lora);
    } else if ((key == "controlnets" || key == "t2iAdapters") && value.is_array()) {
      for (const Json& control : value) read_invokeai_control(recipe, key, control);
    } else if (key == "scheduler" && value.is_string()) {
      read_scheduler(recipe, value);
    } else if (key == "model" && value.is_object()) {
      const std::string name = text_at(value, "name");  // version 4; 3 says model_name
      set_model(recipe, name.empty() ? text_at(value, "model_name") : name);
    } else if (key == "ipAdapters" && read_ip_adapters(recipe, value)) {
      continue;
    } else if (!is_nothing(value) && key != "app_version" &&
               !(key == "rand_device" && value == "cpu")) {
      leave_out(recipe, key, value);
    }
  }
  check_weights(recipe);
  return recipe;
}

Recipe from_invokeai_2(const std::string& metadata) {
  const Json object = object_in(metadata, "sd-metadata");
  const auto image = object.find("image");
  if (image == object.end() || !image->is_object()) throw InputError("sd-metadata: no image in it");
  Recipe recipe;
  set_made_by(recipe, text_at(object, "app_version"));
  set_model(recipe, text_at(object, "model_weights"));
  recipe.model_hash = text_at(object, "model_hash");
  for (const auto& entry : image->items()) {
    const std::string& key = entry.key();
    const Json& value = entry.value();
    if (const Field* field = find_field(kInvokeAi2Fields, key)) {
      set_field(recipe, *field, value);
    } else if (key == "prompt") {
      read_prompt(recipe, value);
    } else if (key == "type" && value.is_string()) {
      read_mode(recipe, value);
    } else if (key == "sampler" && value.is_string()) {
      set_sampler(recipe, value == "k_dpmpp_2" ? "dpmpp_2m" : value.get<std::string>());
    } else if (!is_nothing(value)) {
      leave_out(recipe, key, value);
    }
  }
  check_weights(recipe);
  return recipe;
}

}  // namespace velatura::recipe
