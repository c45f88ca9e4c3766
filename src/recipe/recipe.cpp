#include "recipe/recipe.h"

#include <algorithm>
#include <array>

#include "image/read_metadata.h"
#include "recipe/fill.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

struct Program {
  std::string_view key;
  Recipe (*read)(const std::string&);
};

// The first that is there and can be read counts. velatura's own pictures have parameters, too, and
// so have some of ComfyUI's, by nodes for it.
constexpr std::array<Program, 5> kPrograms{{{kReceiptKey, from_receipt},
                                            {kParametersKey, from_parameters},
                                            {"prompt", from_comfyui},
                                            {"invokeai_metadata", from_invokeai},
                                            {"sd-metadata", from_invokeai_2}}};

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
      Recipe recipe = program.read(text->second);
      for (const std::string& what : unreadable.unmapped) leave_out(recipe, what);
      return recipe;
    } catch (const InputError& error) {
      leave_out(unreadable, error.what());
    }
  }
  return unreadable;
}

}  // namespace velatura::recipe
