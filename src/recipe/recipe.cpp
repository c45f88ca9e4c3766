#include "recipe/recipe.h"

#include <algorithm>
#include <array>

#include "image/read_metadata.h"
#include "recipe/fill.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

/// Who keeps settings in a text of that key.
struct Program {
  std::string_view key;
  Recipe (*read)(const std::string& text);
  Recipe (*read_all)(const PictureTexts& texts) = nullptr;  ///< instead, where it takes several
};

// The first that is there and can be read counts. velatura's own pictures have parameters, too, and
// so have some of ComfyUI's, by nodes for it. What Easy Diffusion calls its prompt is no graph.
constexpr std::array<Program, 8> kPrograms{
    {{kReceiptKey, from_receipt},
     {kParametersKey, from_parameters},
     {"num_inference_steps", nullptr, from_easy_diffusion_texts},
     {"prompt", from_comfyui},
     {"invokeai_metadata", from_invokeai},
     {"sd-metadata", from_invokeai_2},
     {"Dream", from_dream},
     {"Comment", nullptr, from_novelai}}};

// Programs that are known, but not their settings, by what they leave in pictures.
struct Stranger {
  std::string_view key;   ///< of a text
  std::string_view part;  ///< of it
  std::string_view name;
};
constexpr std::array<Stranger, 5> kStrangers{
    {{"Software", "Draw Things", "Draw Things"},
     {"Description", "--ar ", "Midjourney"},
     {"Description", "Job ID: ", "Midjourney"},
     {"Software", "Adobe Firefly", "Adobe Firefly"},
     {"workflow", "", "ComfyUI, without the graph that it ran"}}};

void name_stranger(Recipe& recipe, const PictureTexts& texts) {
  for (const auto& [key, part, name] : kStrangers) {
    const auto text = texts.find(key);
    if (text == texts.end() || text->second.find(part) == std::string::npos) continue;
    return leave_out(recipe, "made by " + std::string(name) + ", whose settings are not read");
  }
}

}  // namespace

std::optional<std::string> Recipe::find(std::string_view option) const {
  const auto found =
      std::ranges::find(settings, option, &std::pair<std::string, std::string>::first);
  if (found == settings.end()) return std::nullopt;
  return found->second;
}

Recipe read_recipe(const std::filesystem::path& path) {
  return recipe_of(read_picture_texts(path));
}

Recipe recipe_of(const PictureTexts& texts) {
  Recipe unreadable;
  for (const Program& program : kPrograms) {
    const auto text = texts.find(program.key);
    if (text == texts.end() || text->second.empty()) continue;
    try {
      Recipe recipe = program.read_all ? program.read_all(texts) : program.read(text->second);
      if (recipe.made_by.empty()) continue;  // another program's text of that key
      for (const std::string& what : unreadable.unmapped) leave_out(recipe, what);
      return recipe;
    } catch (const InputError& error) {
      leave_out(unreadable, error.what());
    }
  }
  name_stranger(unreadable, texts);
  return unreadable;
}

}  // namespace velatura::recipe
