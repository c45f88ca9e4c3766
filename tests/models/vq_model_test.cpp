#include "models/vq_model/vq_model.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

class VqModelParity : public ::testing::TestWithParam<std::string> {};

TEST_P(VqModelParity, EqualsDiffusers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("vq_model");
  models::VqModel model(models::VqConfig::read(fixture.config(GetParam())));
  randomise(model);
  const std::int64_t height = fixture[GetParam()]["size"][0],
                     width = fixture[GetParam()]["size"][1];
  const auto factor = model.config().factor();

  const auto encoded = model.encode(normal(1, {2, 3, factor * height / 2, factor * width / 2}));
  EXPECT_TRUE(all_near(encoded, fixture.expected(GetParam() + ".encoded"), 1e-5));

  const auto latents = normal(2, {2, model.config().vq_embed_dim, height / 2, width / 2});
  EXPECT_TRUE(all_near(model.decode(latents), fixture.expected(GetParam() + ".decoded"), 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Configs, VqModelParity,
                         ::testing::ValuesIn(ModelFixture::names("vq_model")), case_name);

TEST(VqConfig, NamesWhatIsNotSupported) {
  const auto message = [](const nlohmann::json& json) -> std::string {
    try {
      models::VqConfig::read({"movq/config.json", json});
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({{"norm_type", "layer"}}),
            "movq/config.json: norm_type is \"layer\", expected \"group\" or \"spatial\"");
  EXPECT_EQ(message({{"norm_type", "spatial"}, {"vq_embed_dim", 4}}),
            "movq/config.json: vq_embed_dim is 4, expected latent_channels, 3, with norm_type "
            "\"spatial\"");
  EXPECT_EQ(
      message({{"norm_type", "spatial"}, {"norm_num_groups", 8}, {"block_out_channels", {8}}}),
      "movq/config.json: block_out_channels is [8], expected multiples of 32, with norm_type "
      "\"spatial\"");
  EXPECT_EQ(message({{"lookup_from_codebook", true}}),
            "movq/config.json: lookup_from_codebook is true, expected false (not supported yet)");
  EXPECT_EQ(message({{"down_block_types", {"DownBlock2D"}}}),
            "movq/config.json: down_block_types is [\"DownBlock2D\"], expected DownEncoderBlock2D "
            "and AttnDownEncoderBlock2D only");
  EXPECT_EQ(message({{"vq_embed_dim", 0}}),
            "movq/config.json: vq_embed_dim is 0, expected a positive number");
}

TEST(VqConfig, ScalesNoLatents) {
  EXPECT_EQ(models::VqConfig::read({"c", {{"scaling_factor", 0.18215}}}).scaling_factor, 1.0);
}

}  // namespace velatura::testing
