#include "weights/layouts/prior_files.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "core/config_object.h"
#include "support/fixture_models.h"
#include "weights/files.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;
using velatura::testing::kModels;

class PriorBeside : public ::testing::Test {
 protected:
  // A model of the fixtures, beside whatever else the folder has.
  fs::path put(const std::string& model, const std::string& name = "") {
    const fs::path place = folder.path() / (name.empty() ? model : name);
    fs::create_directory_symlink(kModels + model, place);
    return place;
  }
  PriorFiles prior_of(const fs::path& model, const fs::path& given = {}) {
    return open_prior(open_model(model), given, "");
  }
  Folder folder;
};

TEST_F(PriorBeside, IsTheOnlyOneThatFits) {
  const auto decoder = put("tiny-kandinsky-2-2-decoder"), prompted = put("tiny-kandinsky-2-1");
  put("tiny-kandinsky-2-2-prior", "b");
  put("tiny-kandinsky-2-1-prior", "a");
  put("tiny");
  EXPECT_EQ(prior_of(decoder).files->origin.filename(), "b");
  EXPECT_EQ(prior_of(decoder.string() + "/").files->origin.filename(), "b");
  EXPECT_EQ(prior_of(prompted).files->origin.filename(), "a");
  EXPECT_EQ(prior_of(prompted).files->parts.front().role, "prior");
  EXPECT_TRUE(prior_of(decoder).missing.empty());
}

TEST_F(PriorBeside, IsSaidToBeMissingOrOneOfSeveral) {
  const auto decoder = put("tiny-kandinsky-2-2-decoder");
  put("tiny-kandinsky-2-1-prior");
  const auto none = prior_of(decoder);
  EXPECT_FALSE(none.files);
  EXPECT_EQ(none.missing,
            "prior MODEL is needed: there is no folder of a KandinskyV22PriorPipeline beside the "
            "model in " +
                folder.path().string());
  put("tiny-kandinsky-2-2-prior", "p");
  put("tiny-kandinsky-2-2-prior", "q");
  const auto several = prior_of(decoder);
  EXPECT_FALSE(several.files);
  EXPECT_THAT(several.missing,
              HasSubstr("prior MODEL is needed: several are beside the model: p, q"));
  EXPECT_EQ(prior_of(decoder, folder.path() / "q").files->origin.filename(), "q");
}

TEST_F(PriorBeside, MustFitTheModel) {
  const auto decoder = put("tiny-kandinsky-2-2-decoder");
  EXPECT_THAT(refusal([&] { prior_of(decoder, kModels + "tiny-kandinsky-2-1-prior"); }),
              HasSubstr("is of a KandinskyPriorPipeline, this model takes that of a "
                        "KandinskyV22PriorPipeline"));
  EXPECT_THROW(prior_of(kModels + "tiny", kModels + "tiny-kandinsky-2-1-prior"), UsageError);
  EXPECT_FALSE(prior_of(kModels + "tiny").files);
  EXPECT_TRUE(prior_of(kModels + "tiny").missing.empty());
}

// As diffusers' combined pipelines are saved.
TEST_F(PriorBeside, MayBeInTheModelsOwnFolder) {
  auto index = read_json(kModels + "tiny-kandinsky-2-2-decoder/model_index.json");
  index["_class_name"] = "KandinskyV22CombinedPipeline";
  const auto of_prior = read_json(kModels + "tiny-kandinsky-2-2-prior/model_index.json");
  const auto link = [&](const std::string& model, const std::string& role, const std::string& to) {
    fs::create_directories(folder.path() / "both");
    fs::create_directory_symlink(fs::path(kModels + model) / role, folder.path() / "both" / to);
  };
  for (const char* role : {"unet", "movq", "scheduler"})
    link("tiny-kandinsky-2-2-decoder", role, role);
  for (const auto& [role, value] : of_prior.items()) {
    if (role.starts_with('_')) continue;
    index["prior_" + role] = value;
    link("tiny-kandinsky-2-2-prior", role, "prior_" + role);
  }
  put("tiny-kandinsky-2-2-prior");  // which is not asked
  const auto both = folder.write("both/model_index.json", index.dump()).parent_path();
  const auto prior = prior_of(both);
  ASSERT_TRUE(prior.files);
  EXPECT_EQ(prior.files->origin, both);
  EXPECT_EQ(prior.files->pipeline_class, "KandinskyV22PriorPipeline");
  EXPECT_EQ(prior.files->part("text_encoder").class_name, "CLIPTextModelWithProjection");
  EXPECT_EQ(prior.files->config("scheduler").json()["_class_name"], "UnCLIPScheduler");
  EXPECT_EQ(prior.files->tokenizer("tokenizer").folder.filename(), "prior_tokenizer");
  EXPECT_EQ(prior.files->weight_files.front().parent_path().filename(), "prior_prior");
  EXPECT_EQ(open_model(both).config("scheduler").json()["_class_name"], "DDPMScheduler");
}

TEST(PriorByItself, IsToldAsWhatItIs) {
  const auto files = open_model(kModels + "tiny-kandinsky-2-1-prior");
  EXPECT_EQ(files.imagines_for(), "Kandinsky 2.1");
  EXPECT_FALSE(files.lacks_vae());
  EXPECT_THAT(refusal([&] { files.part("unet"); }),
              HasSubstr("is a KandinskyPriorPipeline, which imagines pictures and draws none: give "
                        "it as prior beside a model of Kandinsky 2.1"));
  EXPECT_TRUE(folder_takes_prior(kModels + "tiny-kandinsky-2-1"));
  EXPECT_FALSE(folder_takes_prior(kModels + "tiny-kandinsky-2-1-prior"));
  EXPECT_FALSE(folder_takes_prior(kModels + "tiny"));
  EXPECT_FALSE(folder_takes_prior(kModels + "nothing"));
}

TEST(Movq, IsNotReplaced) {
  EXPECT_THROW(open_model(kModels + "tiny-kandinsky-2-1", {.vae = kModels + "tiny/vae"}),
               UsageError);
}

}  // namespace
}  // namespace velatura::weights
