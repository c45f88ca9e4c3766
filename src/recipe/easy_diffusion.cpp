#include <array>
#include <string>

#include "recipe/fill.h"
#include "recipe/programs.h"

namespace velatura::recipe {
namespace {

constexpr std::array<Field, 6> kEasyDiffusionFields{
    {{"width", "width", Kind::whole},
     {"height", "height", Kind::whole},
     {"seed", "seed", Kind::whole},
     {"num_inference_steps", "steps", Kind::whole},
     {"guidance_scale", "guidance-scale", Kind::number},
     {"prompt_strength", "strength", Kind::number}}};

// Python's, as PNG holds them.
bool is_unset(const Json& value) {
  return value == "None" || value == "False" || value == "[]";
}

}  // namespace

Recipe from_easy_diffusion(const Json& object) {
  Recipe recipe;
  recipe.made_by = "Easy Diffusion";
  const bool began_with_picture = object.contains("prompt_strength") &&
                                  !is_nothing(object["prompt_strength"]) &&
                                  !is_unset(object["prompt_strength"]);
  recipe.task = began_with_picture ? "img2img" : "txt2img";
  if (began_with_picture) leave_out_start_picture(recipe);
  set_prompts(recipe, text_at(object, "prompt"), text_at(object, "negative_prompt"));
  set_model(recipe, text_at(object, "use_stable_diffusion_model"));
  const std::string vae = text_at(object, "use_vae_model");
  if (vae != "None") set_model(recipe, vae, "vae");
  const std::string sampler = text_at(object, "sampler_name");
  if (!sampler.empty()) set_sampler(recipe, sampler);
  Json rest = object;
  for (const char* key : {"prompt", "negative_prompt", "use_stable_diffusion_model",
                          "use_vae_model", "sampler_name", "Software"}) {
    rest.erase(key);
  }
  if (!began_with_picture) rest.erase("prompt_strength");
  read_members(recipe, rest, kEasyDiffusionFields,
               [&recipe](const std::string& key, const Json& value) {
                 if (key == "clip_skip" && (value == true || value == "True")) {
                   set(recipe, "clip-skip", "1");
                   return true;
                 }
                 return is_unset(value);
               });
  return recipe;
}

Recipe from_easy_diffusion_texts(const PictureTexts& texts) {
  Json object = Json::object();
  for (const auto& [key, text] : texts) {
    if (key != kParametersKey && key != kReceiptKey && !key.starts_with("XML:")) object[key] = text;
  }
  return from_easy_diffusion(object);
}

}  // namespace velatura::recipe
