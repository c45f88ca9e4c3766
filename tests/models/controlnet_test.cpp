#include "models/controlnet/controlnet_model.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "models/unet/unet_2d_condition_model.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

class ControlNetParity : public ::testing::TestWithParam<std::string> {
 protected:
  ModelFixture fixture{"controlnet"};
};

TEST_P(ControlNetParity, EqualsDiffusersAndChangesTheUNetAsThere) {
  c10::InferenceMode inference;
  const auto& settings = fixture[GetParam()];
  models::ControlNetModel net(models::ControlNetConfig::read(fixture.config(GetParam())));
  models::UNet2DConditionModel unet(models::UNetConfig::read({GetParam(), settings.at("unet")}));
  randomise(net);
  randomise(unet);
  const std::int64_t height = settings["size"][0], width = settings["size"][1];
  const auto sample = normal(1, {2, unet.config().in_channels, height, width});
  const auto context = normal(2, {2, 5, unet.config().levels[0].cross_attention_dim});
  const auto factor = net.control_config().hint_factor();
  const auto hint = normal(3, {2, 3, height * factor, width * factor}).sigmoid();
  const auto timesteps = at::full({2}, settings["timestep"].get<double>(), at::kFloat);

  auto residuals =
      net.forward(sample.narrow(1, 0, 4), timesteps, {context}, {}, net.embed_hint(hint));
  EXPECT_EQ(residuals.skips.size(), net.control_config().skips());
  EXPECT_TRUE(all_near(residuals.mid, fixture.expected(GetParam() + ".mid"), 1e-5));
  EXPECT_TRUE(
      all_near(residuals.skips.front(), fixture.expected(GetParam() + ".first_skip"), 1e-5));
  EXPECT_TRUE(all_near(residuals.skips.back(), fixture.expected(GetParam() + ".last_skip"), 1e-5));
  for (auto& skip : residuals.skips) skip = skip * 0.5;
  residuals.mid = residuals.mid * 0.5;
  const auto output = unet.forward(sample, timesteps, {context}, {}, residuals);
  EXPECT_TRUE(all_near(output, fixture.expected(GetParam()), 1e-5));
  EXPECT_FALSE(all_near(unet.forward(sample, timesteps, {context}), output, 1e-2));
}

INSTANTIATE_TEST_SUITE_P(Configs, ControlNetParity,
                         ::testing::ValuesIn(ModelFixture::names("controlnet")), case_name);

TEST(ControlNetConfig, NamesWhatIsNotSupported) {
  const auto message = [](const nlohmann::json& json) -> std::string {
    try {
      models::ControlNetConfig::read({"config.json", json});
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(nlohmann::json::object()), "");
  EXPECT_EQ(message({{"class_embed_type", nullptr}, {"conditioning_channels", 3}}), "");
  EXPECT_EQ(message({{"conditioning_channels", 4}}),
            "config.json: conditioning_channels is 4, expected 3 (not supported yet)");
  EXPECT_EQ(message({{"controlnet_conditioning_channel_order", "gbr"}}),
            "config.json: controlnet_conditioning_channel_order is \"gbr\", expected \"rgb\" or "
            "\"bgr\"");
  EXPECT_EQ(
      message({{"addition_embed_type", "text"}}),
      "config.json: addition_embed_type is \"text\", expected \"text_time\" (not supported yet)");
  EXPECT_EQ(message({{"addition_embed_type", "text_time"}}),
            "config.json: addition_time_embed_dim is missing");
  EXPECT_EQ(message({{"num_attention_heads", 7}}),
            "config.json: attention_head_dim is 7, expected head counts that divide "
            "block_out_channels");
}

}  // namespace velatura::testing
