#include "cli/recipe_job.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "support/run_program.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;
using velatura::testing::write_text;

using Settings = std::vector<std::pair<std::string, std::string>>;

recipe::Recipe recipe_with(const Settings& settings,
                           const std::vector<std::string>& unmapped = {}) {
  recipe::Recipe recipe;
  recipe.settings = settings;
  recipe.unmapped = unmapped;
  return recipe;
}

/// Recipes, and the overrides -m MODEL, a file that is there but never read.
class RecipeJobs : public ::testing::Test {
 protected:
  RecipeJobs() { write_text(model_, "x"); }

  PictureOptions options(const recipe::Recipe& recipe) const {
    return recipe_job("a.png", recipe, {{"model", model_}}).job.options;
  }

  velatura::testing::TemporaryFolder folder_;
  std::string model_ = folder_ / "m.safetensors";
};

TEST_F(RecipeJobs, NumberTypesAreTheRecipesButNotTheDevice) {
  const auto taken = options(recipe_with({{"device", "cuda:9"}, {"dtype", "bfloat16"}}));
  EXPECT_EQ(taken.machine.device, "auto");
  EXPECT_EQ(taken.machine.dtype, DType::bfloat16);
  EXPECT_EQ(taken.model, model_);
}

TEST_F(RecipeJobs, WhatThePictureDoesNotSayMustBeGiven) {
  recipe::Recipe recipe = recipe_with({{"prompt", "a cat"}}, {"seed: from node 20", "x: 1"});
  recipe.missing = {{"seed", "seed: from node 20"}, {"schedule", "scheduler: from node 21"}};
  const auto job = [&](batch::Settings overrides) {
    overrides.push_back({"model", model_});
    return recipe_job("a.png", recipe, overrides);
  };
  EXPECT_THAT([&] { job({}); },
              ThrowsMessage<Error>(AllOf(HasSubstr("a.png: --seed, --schedule must be given"),
                                         HasSubstr("scheduler: from node 21"))));
  EXPECT_THAT(
      [&] {
        job({{"seed", "4"}});
      },
      ThrowsMessage<Error>(HasSubstr("a.png: --schedule must be given")));
  const RecipeJob again = job({{"seed", "4"}, {"schedule", "karras"}});
  EXPECT_EQ(common(again.job.request).seed, 4u);
  EXPECT_THAT(again.warnings, ElementsAre("a.png: left out: x: 1"));
}

TEST_F(RecipeJobs, AVaeBesideTheModelIsFoundByItsName) {
  write_text(folder_ / "m.vae.pt", "x");
  EXPECT_EQ(options(recipe_with({{"vae", "m.vae"}})).vae, folder_ / "m.vae.pt");
  EXPECT_THAT(
      [&] {
        options(recipe_with({{"vae", "soft"}}));
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("a.png: VAE soft: no such"),
                                 HasSubstr("give the VAE that made the picture with "
                                           "--vae"))));
  EXPECT_EQ(recipe_job("a.png", recipe_with({{"vae", "soft"}}),
                       {{"model", model_}, {"vae", folder_ / "m.vae.pt"}})
                .job.options.vae,
            folder_ / "m.vae.pt");
}

TEST_F(RecipeJobs, WarningsNameThePicture) {
  const batch::Settings overrides{{"model", model_}};
  const auto full = recipe_with({{"steps", "3"}, {"model", "m"}}, {"x: 1"});
  EXPECT_THAT(recipe_job("a.png", full, overrides).warnings, ElementsAre("a.png: left out: x: 1"));
  const auto no_model = recipe_with({{"steps", "3"}});
  EXPECT_THAT(recipe_job("a.png", no_model, overrides).warnings, IsEmpty());
  ASSERT_EQ(setenv("VELATURA_MODEL", model_.c_str(), 1), 0);
  EXPECT_THAT(recipe_job("a.png", no_model, {}).warnings,
              ElementsAre("a.png: it does not name its model, " + model_ + " is taken"));
  unsetenv("VELATURA_MODEL");
}

TEST_F(RecipeJobs, WhatAPictureSaysIsNotTrusted) {
  EXPECT_THAT(
      [&] {
        options(recipe_with({{"prompt", "-"}}));
      },
      ThrowsMessage<Error>(HasSubstr("a.png: --prompt -: standard input")));
  EXPECT_THAT(
      [&] {
        options(recipe_with({{"steps", "9999999"}}));
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("a.png: --steps"), HasSubstr("1000"))));
  EXPECT_THAT([&] { options(recipe_with({}, {"no sampler"})); },
              ThrowsMessage<Error>("a.png: it does not say how it was made (no sampler)"));
}

}  // namespace
}  // namespace velatura::cli
