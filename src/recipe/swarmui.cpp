#include <array>
#include <string>

#include "recipe/fill.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

constexpr std::array<Field, 6> kSwarmUiFields{{{"width", "width", Kind::whole},
                                               {"height", "height", Kind::whole},
                                               {"seed", "seed", Kind::whole},
                                               {"steps", "steps", Kind::whole},
                                               {"cfgscale", "guidance-scale", Kind::number},
                                               {"initimagecreativity", "strength", Kind::number}}};

// Two lists that belong together.
void read_loras(Recipe& recipe, const Json& parameters) {
  const auto list = [&](const char* key) {
    return parameters.contains(key) && parameters[key].is_array() ? parameters[key] : Json::array();
  };
  const Json names = list("loras"), weights = list("loraweights");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].is_string()) return leave_out(recipe, "loras", names);
    add_named_lora(recipe, names[i].get_ref<const std::string&>(),
                   i < weights.size() ? weights[i] : Json(1));
  }
}

}  // namespace

// Samplers and schedulers have ComfyUI's names.
Recipe from_swarmui(const Json& object) {
  const Json& parameters = object.at("sui_image_params");
  if (!parameters.is_object()) throw InputError("sui_image_params: expected a JSON object");
  Recipe recipe;
  const std::string version = text_at(parameters, "swarm_version");
  recipe.made_by = version.empty() ? "SwarmUI" : "SwarmUI " + version;
  recipe.task = parameters.contains("initimage") || parameters.contains("initimagecreativity")
                    ? "img2img"
                    : "txt2img";
  if (recipe.task == "img2img") leave_out_start_picture(recipe);
  set_prompts(recipe, text_at(parameters, "prompt"), text_at(parameters, "negativeprompt"));
  set_model(recipe, text_at(parameters, "model"));
  const std::string sampler = text_at(parameters, "sampler");
  if (!sampler.empty()) {
    set_sampler(recipe, sampler);
    set_noise_levels(recipe, text_at(parameters, "scheduler"));
  }
  read_loras(recipe, parameters);
  read_members(recipe, parameters, kSwarmUiFields, [&](const std::string& key, const Json&) {
    return key == "loras" || key == "loraweights" || key == "prompt" || key == "negativeprompt" ||
           key == "model" || key == "sampler" || key == "swarm_version" ||
           (key == "scheduler" && !sampler.empty());
  });
  read_members(recipe, object, {},
               [](const std::string& key, const Json&) { return key == "sui_image_params"; });
  return recipe;
}

}  // namespace velatura::recipe
