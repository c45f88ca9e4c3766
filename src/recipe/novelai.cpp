#include <array>
#include <string>

#include "recipe/fill.h"
#include "recipe/programs.h"

namespace velatura::recipe {
namespace {

constexpr std::array<Field, 6> kNovelAiFields{{{"width", "width", Kind::whole},
                                               {"height", "height", Kind::whole},
                                               {"seed", "seed", Kind::whole},
                                               {"steps", "steps", Kind::whole},
                                               {"scale", "guidance-scale", Kind::number},
                                               {"cfg_rescale", "guidance-rescale", Kind::number}}};

}  // namespace

// The settings are JSON in Comment, the prompt is Description. The models are not to be had.
Recipe from_novelai(const PictureTexts& texts) {
  const auto text_of = [&texts](const char* key) {
    const auto found = texts.find(key);
    return found == texts.end() ? std::string() : found->second;
  };
  Recipe recipe;
  if (!text_of("Comment").starts_with('{')) return recipe;
  const Json comment = object_in(text_of("Comment"), "Comment");
  recipe.made_by = "NovelAI";
  const bool began_with_picture = comment.contains("strength") && comment.contains("noise");
  recipe.task = began_with_picture ? "img2img" : "txt2img";
  std::string prompt = text_at(comment, "prompt");
  if (prompt.empty()) prompt = text_of("Description");
  set_prompts(recipe, prompt, text_at(comment, "uc"));
  if (const std::string source = text_of("Source"); !source.empty()) {
    leave_out(recipe, "its model, " + source);
  }
  const std::string sampler = text_at(comment, "sampler");
  if (!sampler.empty()) {
    set_sampler(recipe, sampler);
    const std::string levels = text_at(comment, "noise_schedule");
    set_noise_levels(recipe, levels == "native" ? "" : levels);
  }
  if (began_with_picture) {
    leave_out_start_picture(recipe);
    set_field(recipe, {"strength", "strength", Kind::number}, comment["strength"]);
  }
  read_members(recipe, comment, kNovelAiFields, [&](const std::string& key, const Json&) {
    return key == "prompt" || key == "uc" || key == "signed_hash" || key == "sampler" ||
           (key == "noise_schedule" && !sampler.empty()) ||
           (key == "strength" && began_with_picture);
  });
  return recipe;
}

}  // namespace velatura::recipe
