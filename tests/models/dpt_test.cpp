#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <sstream>

#include "models/dpt/dpt_for_depth_estimation.h"
#include "models/fixture.h"
#include "support/compare.h"
#include "support/random_weights.h"
#include "weights/load_strict.h"
#include "weights/memory_source.h"

namespace velatura::testing {

using models::DptConfig;
using models::DptForDepthEstimation;
using weights::testing::MemorySource;

class DptParity : public ::testing::TestWithParam<std::string> {};

TEST_P(DptParity, EqualsTransformers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("dpt");
  const auto& settings = fixture[GetParam()];
  DptForDepthEstimation model(DptConfig::read(fixture.config(GetParam())));
  randomise(model, /*gain=*/1.0);
  const auto pixels = normal(1, {settings["batch"], 3, settings["size"][0], settings["size"][1]});
  const auto depth = model.forward(pixels);
  EXPECT_TRUE(all_near(depth, fixture.expected(GetParam()), 1e-5));
  EXPECT_TRUE(at::equal(depth, model.forward(pixels))) << "the second time, with packed weights";
}

TEST_P(DptParity, HasTheWeightsTransformersSaves) {
  const ModelFixture fixture("dpt");
  const DptForDepthEstimation model(DptConfig::read(fixture.config(GetParam())));
  std::map<std::string, std::string> declared;
  for (const auto& [name, parameter] : model.parameters()) {
    declared[name] = (std::ostringstream() << parameter.sizes()).str();
  }
  EXPECT_EQ(declared, (fixture[GetParam()]["weights"].get<std::map<std::string, std::string>>()));
}

INSTANTIATE_TEST_SUITE_P(Configs, DptParity, ::testing::ValuesIn(ModelFixture::names("dpt")),
                         case_name);

TEST(DptForDepthEstimation, IsLoadedStrictly) {
  c10::InferenceMode inference;
  const auto config = DptConfig::read(ModelFixture("dpt").config("native_size"));
  DptForDepthEstimation random(config), loaded(config), incomplete(config);
  randomise(random);
  weights::testing::Tensors tensors;
  for (const auto& [name, value] : random.parameters()) tensors[name] = value.clone();
  weights::load_strict(loaded.parameters(), MemorySource(tensors), at::kCPU, at::kFloat);
  const auto pixels = normal(1, {1, 3, 64, 64});
  EXPECT_TRUE(at::equal(loaded.forward(pixels), random.forward(pixels)));

  tensors.erase("neck.fusion_stage.layers.0.residual_layer1.convolution1.bias");
  tensors["dpt.pooler.dense.bias"] = at::zeros({32});
  try {
    weights::load_strict(incomplete.parameters(), MemorySource(tensors), at::kCPU, at::kFloat);
    ADD_FAILURE() << "loaded";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "memory: the weights do not fit the model: missing (1): "
                 "neck.fusion_stage.layers.0.residual_layer1.convolution1.bias; "
                 "unexpected (1): dpt.pooler.dense.bias");
  }
}

TEST(DptForDepthEstimation, TakesMultiplesOfItsPatchesOnly) {
  const DptForDepthEstimation model(DptConfig::read(ModelFixture("dpt").config("wide")));
  EXPECT_THROW(model.forward(at::zeros({1, 3, 64, 72})), c10::Error);
}

}  // namespace velatura::testing
