#include "recipe/recipe.h"

#include <fstream>

#include "recipe/matchers.h"
#include "support/png_texts.h"
#include "support/temporary_folder.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kParameters = "a web cat\nSteps: 4, Sampler: Euler, Seed: 1";
const std::string kGraph = R"({"3": {"class_type": "KSampler", "inputs": {"steps": 5,
    "sampler_name": "euler", "scheduler": "normal", "positive": ["6", 0]}}})";

TEST(RecipeOf, PrefersTheReceipt) {
  PictureTexts texts{{"velatura", R"({"velatura": "0.1.0", "task": "txt2img", "steps": 3})"},
                     {"parameters", kParameters},
                     {"prompt", kGraph},
                     {"invokeai_metadata", R"({"steps": 6})"},
                     {"sd-metadata", R"({"image": {"steps": 7}})"}};
  EXPECT_EQ(value(recipe_of(texts), "steps"), "3");
  texts.erase("velatura");
  EXPECT_EQ(value(recipe_of(texts), "steps"), "4");
  texts.erase("parameters");
  EXPECT_EQ(value(recipe_of(texts), "steps"), "5");
  texts.erase("prompt");
  EXPECT_EQ(value(recipe_of(texts), "steps"), "6");
  texts.erase("invokeai_metadata");
  EXPECT_EQ(value(recipe_of(texts), "steps"), "7");
  EXPECT_EQ(recipe_of({{"Software", "a camera"}}).made_by, "");
}

TEST(RecipeOf, ReportsTextsThatAreNotWhatTheySay) {
  const Recipe second = recipe_of({{"velatura", "{"}, {"parameters", kParameters}});
  EXPECT_EQ(value(second, "steps"), "4");
  EXPECT_THAT(second, LeavesOut("the receipt:1: not valid JSON"));
  const Recipe none = recipe_of({{"prompt", "a plain prompt"}});
  EXPECT_EQ(none.made_by, "");
  EXPECT_THAT(none.unmapped, ElementsAre(HasSubstr("prompt:1: not valid JSON")));
}

TEST(RecipeOf, ShortensWhatDoesNotMap) {
  const Recipe recipe = recipe_of({{"invokeai_metadata", R"({"x": ")" + std::string(5000, 'y') +
                                                             R"(", "z": "a\n\u001b[2J"})"}});
  ASSERT_EQ(recipe.unmapped.size(), 2u);
  EXPECT_LT(recipe.unmapped[0].size(), 300u);
  EXPECT_EQ(recipe.unmapped[1], "z: a  [2J");
}

using ReadRecipe = InTemporaryFolder;

TEST_F(ReadRecipe, ReadsPicturesOfOtherPrograms) {
  std::ofstream(folder_ / "a.png", std::ios::binary) << png_with(text_chunk("prompt", kGraph));
  const Recipe recipe = read_recipe(folder_ / "a.png");
  EXPECT_EQ(recipe.made_by, "ComfyUI");
  EXPECT_EQ(value(recipe, "steps"), "5");
  EXPECT_THROW(read_recipe(folder_ / "none.png"), InputError);
}

}  // namespace
}  // namespace velatura::recipe
