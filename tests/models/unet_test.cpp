#include "models/unet/unet_2d_condition_model.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

class UNetParity : public ::testing::TestWithParam<std::string> {};

TEST_P(UNetParity, EqualsDiffusers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("unet");
  const auto& settings = fixture[GetParam()];
  models::UNet2DConditionModel unet(models::UNetConfig::read(fixture.config(GetParam())));
  randomise(unet);
  const auto& config = unet.config();
  const auto sample = normal(1, {2, config.in_channels, settings["size"][0], settings["size"][1]});
  const auto context = normal(2, {2, 5, config.levels[0].cross_attention_dim});
  at::Tensor labels;
  if (settings.contains("class_labels")) {
    labels = at::tensor(settings["class_labels"].get<std::vector<std::int64_t>>());
  }
  const auto timesteps = at::full({2}, settings["timestep"].get<double>(), at::kFloat);
  const auto output = unet.forward(sample, timesteps, context, labels);
  EXPECT_TRUE(all_near(output, fixture.expected(GetParam()), 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Configs, UNetParity, ::testing::ValuesIn(ModelFixture::names("unet")),
                         case_name);

TEST(UNetConfig, NamesWhatIsNotSupported) {
  const auto message = [](const nlohmann::json& json) -> std::string {
    try {
      models::UNetConfig::read({"unet/config.json", json});
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({{"dual_cross_attention", true}}),
            "unet/config.json: dual_cross_attention is true, expected false (not supported yet)");
  EXPECT_EQ(message({{"new_setting", 3}}), "unet/config.json: not supported: new_setting = 3");
  EXPECT_EQ(message({{"attention_head_dim", 7}}),
            "unet/config.json: attention_head_dim is 7, expected head counts that divide "
            "block_out_channels");
  EXPECT_EQ(message({{"layers_per_block", {1, 2}}}),
            "unet/config.json: layers_per_block is [1,2], expected 4 values, one a level");
  EXPECT_NE(message({{"down_block_types", {"AttnDownBlock2D"}}}).find("AttnDownBlock2D"),
            std::string::npos);
  EXPECT_EQ(message({{"up_block_types", {"UpBlock2D", "AttnUpBlock2D"}}}),
            "unet/config.json: up_block_types is [\"UpBlock2D\",\"AttnUpBlock2D\"], expected "
            "UpBlock2D and CrossAttnUpBlock2D only");
}

TEST(UNetConfig, DefaultsAreDiffusers) {
  const auto config = models::UNetConfig::read({"unet/config.json", nlohmann::json::object()});
  EXPECT_EQ(config.levels.size(), 4u);
  EXPECT_EQ(config.levels[3].channels, 1280);
  EXPECT_EQ(config.levels[3].down, "DownBlock2D");
  EXPECT_EQ(config.levels[3].up, "UpBlock2D");
  EXPECT_EQ(config.levels[0].heads, 8);
  EXPECT_EQ(config.levels[0].cross_attention_dim, 1280);
  EXPECT_EQ(config.time_embedding_dim, 1280);
}

}  // namespace velatura::testing
