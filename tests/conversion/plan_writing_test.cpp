#include "conversion/plan_writing.h"

#include <gmock/gmock.h>

#include "core/config_object.h"
#include "weights/family_checkpoint.h"
#include "weights/files.h"
#include "weights/write/write_json_file.h"

namespace velatura::conversion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using weights::testing::counting;
using weights::testing::encoded;
using weights::testing::refusal;
using weights::testing::Tensors;

class PlanWriting : public ::testing::Test {
 protected:
  struct Listener : Observer {
    void on_warning(std::string_view warning) override { warnings.emplace_back(warning); }
    std::vector<std::string> warnings;
  };

  std::filesystem::path checkpoint() {
    auto tensors = weights::testing::family_checkpoint("stable-diffusion-1", 4);
    tensors["model_ema.decay"] = counting({1});
    return folder.write("m.safetensors", encoded(tensors));
  }
  // Plans and writes it; the path it is written to.
  std::filesystem::path written(const Conversion& conversion) {
    plan = plan_writing(conversion, listener);
    int done = 0;
    plan.write(conversion.output, [&] { ++done; });
    EXPECT_EQ(done, plan.tensors);
    return conversion.output;
  }

  weights::testing::Folder folder;
  Listener listener;
  ModelWriting plan;
};

TEST_F(PlanWriting, AFolderHasEveryPartAndTheTokenizer) {
  const auto path = written({.input = checkpoint(),
                             .output = folder / "d",
                             .layout = ModelLayout::diffusers,
                             .dtype = at::kHalf});
  EXPECT_EQ(plan.description, "Stable Diffusion 1.x, single file");
  EXPECT_EQ(plan.tensors, 686 + 248 + 196);
  EXPECT_THAT(plan.dtypes, ElementsAre(Pair("float16", plan.tensors)));
  EXPECT_THAT(listener.warnings, ElementsAre("left out, as no part of the model: model_ema.decay"));
  const weights::ModelFiles model = weights::open_model(path);
  EXPECT_EQ(model.part("vae").weights->find("quant_conv.bias")->dtype, at::kHalf);
  EXPECT_TRUE(std::filesystem::exists(path / "tokenizer/vocab.json"));
}

TEST_F(PlanWriting, AnotherVaeTakesThePlaceOfTheModelsOwn) {
  Tensors vae;
  for (const auto& [name, tensor] : weights::testing::family_checkpoint("stable-diffusion-1", 4)) {
    if (name.starts_with("first_stage_model.")) vae[name] = tensor + 1000;
  }
  const auto path = written({.input = checkpoint(),
                             .output = folder / "n.safetensors",
                             .layout = ModelLayout::original,
                             .weights = {.vae = folder.write("vae.safetensors", encoded(vae))},
                             .metadata = {{"note", "mine"}}});
  const weights::ModelFiles model = weights::open_model(path);
  const std::string bias = "quant_conv.bias";
  EXPECT_TRUE(
      at::equal(model.part("vae").weights->load(bias), vae.at("first_stage_model." + bias)));
  EXPECT_EQ(model.metadata.at("note"), "mine");
  EXPECT_EQ(model.metadata.at("modelspec.title"), "n");
}

TEST_F(PlanWriting, AModelMayGoWithoutAVaeAndThatIsSaid) {
  Tensors pruned = weights::testing::family_checkpoint("stable-diffusion-1", 4);
  std::erase_if(pruned, [](const auto& item) { return item.first.starts_with("first_stage_"); });
  const auto input = folder.write("pruned.safetensors", encoded(pruned));
  const auto said =
      ElementsAre("the model has no VAE, and what is written has none either; --vae FILE adds one");
  const auto path =
      written({.input = input, .output = folder / "d", .layout = ModelLayout::diffusers});
  EXPECT_THAT(listener.warnings, said);
  EXPECT_EQ(weights::open_model(path).find("vae"), nullptr);
  EXPECT_FALSE(std::filesystem::exists(path / "vae"));
  EXPECT_EQ(read_json(path / "model_index.json").at("vae"), nlohmann::json({nullptr, nullptr}));
  listener.warnings.clear();
  const auto file =
      written({.input = path, .output = folder / "n.safetensors", .layout = ModelLayout::original});
  EXPECT_THAT(listener.warnings, said);
  const weights::ModelFiles model = weights::open_model(file);
  EXPECT_EQ(model.find("vae"), nullptr);
  EXPECT_EQ(model.metadata.at("modelspec.resolution"), "512x512");
}

TEST_F(PlanWriting, ASingleFileMustHoldTheModelsSettings) {
  const auto path =
      written({.input = checkpoint(), .output = folder / "d", .layout = ModelLayout::diffusers});
  const auto config = path / "text_encoder/config.json";
  auto json = read_json(config);
  json["hidden_act"] = "gelu";
  weights::write_json_file(config, json);
  EXPECT_THAT(
      refusal([&] {
        plan_writing(
            {.input = path, .output = folder / "n.safetensors", .layout = ModelLayout::original},
            listener);
      }),
      HasSubstr("a single file cannot hold this text encoder, whose settings are not its "
                "family's: hidden_act is \"gelu\", not \"quick_gelu\""));
}

TEST_F(PlanWriting, AnyWeightFileMayKeepItsNames) {
  const auto input = folder.write("x.safetensors", encoded({{"a", counting({2, 3})}}));
  written({.input = input, .output = folder / "y.safetensors", .layout = ModelLayout::safetensors});
  EXPECT_EQ(plan.tensors, 1);
  EXPECT_EQ(plan.bytes, 24u);
  EXPECT_EQ(plan.description, "");
  EXPECT_THAT(listener.warnings, IsEmpty());
}

}  // namespace
}  // namespace velatura::conversion
