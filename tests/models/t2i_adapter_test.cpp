#include "models/t2i_adapter/t2i_adapter.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "models/unet/unet_2d_condition_model.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

class T2IAdapterParity : public ::testing::TestWithParam<std::string> {
 protected:
  ModelFixture fixture{"t2i_adapter"};
};

TEST_P(T2IAdapterParity, EqualsDiffusersAndChangesTheUNetAsThere) {
  c10::InferenceMode inference;
  const auto& settings = fixture[GetParam()];
  models::T2IAdapter adapter(models::T2IAdapterConfig::read(fixture.config(GetParam())));
  models::UNet2DConditionModel unet(models::UNetConfig::read({GetParam(), settings.at("unet")}));
  randomise(adapter);
  randomise(unet);
  const std::int64_t height = settings["size"][0], width = settings["size"][1];
  const auto sample = normal(1, {2, 4, height, width});
  const auto context = normal(2, {2, 5, unet.config().levels[0].cross_attention_dim});
  const std::int64_t factor = adapter.config().hint_factor();
  const auto hint =
      normal(3, {2, adapter.config().in_channels, height * factor, width * factor}).sigmoid();

  auto levels = adapter.forward(hint);
  ASSERT_EQ(levels.size(), adapter.config().levels());
  for (std::size_t i = 0; i < levels.size(); ++i) {
    EXPECT_TRUE(
        all_near(levels[i], fixture.expected(GetParam() + ".level" + std::to_string(i)), 1e-5));
    EXPECT_EQ(levels[i].size(1), adapter.config().channels_of(i));
    const auto latents = adapter.config().latents_of(i);
    EXPECT_EQ(levels[i].size(2), (height + latents - 1) / latents);
  }
  if (settings.contains("halved_first")) levels[0] = at::avg_pool2d(levels[0], 2);
  const auto timesteps = at::full({2}, 300.0, at::kFloat);
  models::UNetResiduals residuals{.levels = levels};
  if (adapter.config().xl) {
    residuals.mid = levels.back();
    residuals.levels.pop_back();
  }
  const auto output = unet.forward(sample, timesteps, {context}, {}, residuals);
  EXPECT_TRUE(all_near(output, fixture.expected(GetParam()), 1e-5));
  EXPECT_FALSE(all_near(unet.forward(sample, timesteps, {context}), output, 1e-2));
}

INSTANTIATE_TEST_SUITE_P(Configs, T2IAdapterParity,
                         ::testing::ValuesIn(ModelFixture::names("t2i_adapter")), case_name);

TEST(T2IAdapterConfig, NamesWhatIsNotSupported) {
  const auto message = [](const nlohmann::json& json) -> std::string {
    try {
      models::T2IAdapterConfig::read({"config.json", json});
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(nlohmann::json::object()), "");
  EXPECT_EQ(message({{"adapter_type", "full_adapter_xl"}}), "");
  EXPECT_EQ(message({{"adapter_type", "full_adapter_xl"}, {"downscale_factor", 3}}),
            "config.json: downscale_factor is 3, expected an even number");
  EXPECT_EQ(message({{"adapter_type", "other"}}),
            "config.json: adapter_type is \"other\", expected \"full_adapter\", "
            "\"light_adapter\" or \"full_adapter_xl\"");
  EXPECT_EQ(message({{"in_channels", 4}}), "config.json: in_channels is 4, expected 1 or 3");
  EXPECT_EQ(message({{"heads", 4}}), "config.json: not supported: heads = 4");
}

}  // namespace velatura::testing
