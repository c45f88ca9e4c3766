#include "inspection/model_summary.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "inspection/original_checkpoint.h"
#include "support/run_program.h"
#include "weights/formats/file_hash.h"

namespace velatura::inspection {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using velatura::testing::original_checkpoint;
using velatura::testing::Shapes;
using velatura::testing::write_sparse_safetensors;

class ModelSummaries : public ::testing::Test {
 protected:
  ModelSummary summary(const Shapes& shapes,
                       const std::map<std::string, std::string>& metadata = {}) {
    write_sparse_safetensors(folder_ / "m.safetensors", shapes, metadata);
    return summarise_model(folder_ / "m.safetensors", {});
  }
  velatura::testing::TemporaryFolder folder_;
};

TEST_F(ModelSummaries, ParametersAreThoseOfThePublishedModels) {
  constexpr std::int64_t clip = 123'060'480, open_clip = 340'387'840;
  constexpr std::int64_t f8 = 83'653'863, f4 = 55'325'927;
  struct Model {
    const char* family;
    std::int64_t in_channels, unet, vae, text;
  };
  for (const Model& model : {Model{"stable-diffusion-1", 4, 859'520'964, f8, clip},
                             {"stable-diffusion-1", 9, 859'535'364, f8, clip},
                             {"stable-diffusion-2", 4, 865'910'724, f8, open_clip},
                             {"stable-diffusion-2", 9, 865'925'124, f8, open_clip},
                             {"stable-diffusion-2", 5, 865'913'604, f8, open_clip},
                             {"stable-diffusion-x4-upscaler", 7, 473'398'020, f4, open_clip}}) {
    SCOPED_TRACE(std::string(model.family) + " " + std::to_string(model.in_channels));
    const ModelSummary found = summary(original_checkpoint(model.family, model.in_channels));
    ASSERT_THAT(found.components, SizeIs(3));
    EXPECT_EQ(found.components[0].parameters, model.unet);
    EXPECT_EQ(found.components[1].parameters, model.vae);
    EXPECT_EQ(found.components[2].parameters, model.text);
    for (const ComponentSummary& component : found.components) {
      EXPECT_TRUE(component.keys.fits()) << component.name << component.keys.problems();
      EXPECT_THAT(component.dtypes, ElementsAre(::testing::Pair("float16", component.parameters)));
    }
    EXPECT_THAT(found.evidence, SizeIs(3));
    EXPECT_THAT(found.prediction_signals, SizeIs(1));
  }
}

TEST_F(ModelSummaries, NameWhatDoesNotFit) {
  Shapes shapes = original_checkpoint("stable-diffusion-1", 4);
  shapes.erase("model.diffusion_model.out.2.bias");
  shapes["model.diffusion_model.extra"] = {1};
  shapes["first_stage_model.decoder.conv_in.bias"] = {3};
  const ModelSummary found = summary(shapes);
  EXPECT_THAT(found.components[0].keys.missing, ElementsAre("conv_out.bias"));
  EXPECT_THAT(found.components[0].keys.unexpected, ElementsAre("model.diffusion_model.extra"));
  EXPECT_THAT(found.components[1].keys.wrong_shape,
              ElementsAre("decoder.conv_in.bias is [3], expected [512]"));
  EXPECT_TRUE(found.components[2].keys.fits());
}

TEST_F(ModelSummaries, CountAVaeBesideTheModelAsItsOwn) {
  Shapes vae;
  for (const auto& [name, shape] : original_checkpoint("stable-diffusion-1", 4)) {
    if (name.starts_with("first_stage_model.")) vae[name] = shape;
  }
  vae["first_stage_model.extra"] = {1};
  write_sparse_safetensors(folder_ / "m.vae.safetensors", vae);
  const ModelSummary found = summary(original_checkpoint("stable-diffusion-1", 4));
  EXPECT_THAT(found.description, HasSubstr("single file, with the VAE " + folder_ / "m.vae."));
  ASSERT_THAT(found.files, SizeIs(2));
  EXPECT_EQ(found.files[1].path, folder_ / "m.vae.safetensors");
  EXPECT_THAT(found.components[1].keys.unexpected, SizeIs(1));
}

TEST_F(ModelSummaries, SayThatAVaeIsMissing) {
  Shapes pruned = original_checkpoint("stable-diffusion-1", 4);
  std::erase_if(pruned, [](const auto& item) { return item.first.starts_with("first_stage_"); });
  const ModelSummary found = summary(pruned);
  EXPECT_THAT(found.missing, ElementsAre("vae"));
  EXPECT_THAT(found.components, SizeIs(2));
  EXPECT_EQ(found.size, 0);
  Shapes vae;
  for (const auto& [name, shape] : original_checkpoint("stable-diffusion-1", 4)) {
    if (name.starts_with("first_stage_model.")) vae[name] = shape;
  }
  write_sparse_safetensors(folder_ / "m.vae.safetensors", vae);
  const ModelSummary whole = summary(pruned);
  EXPECT_THAT(whole.missing, IsEmpty());
  EXPECT_THAT(whole.components, SizeIs(3));
  EXPECT_EQ(whole.size, 512);
}

TEST_F(ModelSummaries, ShowAHashOnceItIsKnown) {
  setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
  const std::string model = VELATURA_FIXTURES "/models/tiny";
  for (const WeightFile& file : summarise_model(model, {}).files) EXPECT_EQ(file.sha256, "");
  for (const bool hash : {true, false}) {
    const ModelSummary found = summarise_model(model, {.hash = hash});
    ASSERT_THAT(found.files, SizeIs(3));
    for (const WeightFile& file : found.files) {
      EXPECT_EQ(file.sha256, weights::sha256_file(file.path));
    }
  }
  EXPECT_THAT(summarise_model(model, {}).warnings, IsEmpty());
}

}  // namespace
}  // namespace velatura::inspection
