#include "models/unet/unet_2d_condition_model.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "models/ip_adapter/ip_adapter.h"
#include "models/unet/cross_attentions.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

namespace {

// What stands where. @param present  which places have an object, for each of the batch
at::Tensor objects_of(const nlohmann::json& present, const models::UNet2DConditionModel& unet,
                      std::int64_t width) {
  std::vector<at::Tensor> rows;
  for (const auto& row : present) rows.push_back(at::tensor(row.get<std::vector<float>>()));
  const auto there = at::stack(rows);
  const auto boxes = normal(3, {there.size(0), there.size(1), 4}).sigmoid();
  const auto features = normal(4, {there.size(0), there.size(1), width});
  return unet.position_net().forward(boxes, features, there);
}

// What the UNet sees of several adapters' pictures. @param tokens  of each adapter
std::vector<layers::PictureAttention> pictures_of(const std::vector<std::int64_t>& tokens,
                                                  const models::UNetConfig& unet) {
  const std::int64_t width = unet.levels[0].cross_attention_dim;
  std::vector<layers::PictureAttention> pictures;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    models::IpAdapter adapter({.image_dim = 8,
                               .cross_attention_dim = width,
                               .tokens = tokens[i],
                               .attention_widths = models::cross_attention_widths(unet)});
    randomise(adapter, 0.8, std::to_string(i) + ".");
    pictures.push_back(adapter.attention(normal(5 + i, {2, tokens[i], width}), i == 0 ? 0.5 : 1.0));
  }
  return pictures;
}

}  // namespace

class UNetParity : public ::testing::TestWithParam<std::string> {};

TEST_P(UNetParity, EqualsDiffusers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("unet");
  const auto& settings = fixture[GetParam()];
  models::UNet2DConditionModel unet(models::UNetConfig::read(fixture.config(GetParam())));
  randomise(unet);
  const auto& config = unet.config();
  const std::int64_t height = settings["size"][0], wide = settings["size"][1];
  const std::int64_t hint_channels = settings.contains("hint") ? models::kHintChannels : 0;
  const auto sample = normal(1, {2, config.in_channels - hint_channels, height, wide});
  const std::int64_t width = config.levels[0].cross_attention_dim;
  layers::AttentionContext context;
  if (config.encoder_hid_dim_type != models::ContextProjection::image) {
    const bool projected = config.encoder_hid_dim_type == models::ContextProjection::text_image;
    context.text = normal(2, {2, 5, projected ? config.encoder_hid_dim : width});
  }
  if (settings.contains("objects")) context.objects = objects_of(settings["objects"], unet, width);
  if (settings.contains("pictures")) context.pictures = pictures_of(settings["pictures"], config);
  models::TimeConditions conditions;
  if (settings.contains("class_labels")) {
    conditions.class_labels = at::tensor(settings["class_labels"].get<std::vector<std::int64_t>>());
  }
  if (settings.contains("time_ids")) {
    std::vector<at::Tensor> rows;
    for (const auto& row : settings["time_ids"])
      rows.push_back(at::tensor(row.get<std::vector<float>>()));
    conditions.time_ids = at::stack(rows);
  }
  if (settings.contains("pooled"))
    conditions.pooled = normal(3, {2, settings["pooled"].get<std::int64_t>()});
  if (settings.contains("image")) {
    EXPECT_EQ(config.image_embed_dim(), settings["image"].get<std::int64_t>());
    conditions.image = normal(6, {2, config.image_embed_dim()});
  }
  if (settings.contains("hint")) {
    conditions.hint =
        normal(7, {2, 3, models::kHintFactor * height, models::kHintFactor * wide}).sigmoid();
  }
  if (config.time_cond_proj_dim > 0)
    conditions.guidance = normal(4, {2, config.time_cond_proj_dim});
  const auto timesteps = at::full({2}, settings["timestep"].get<double>(), at::kFloat);
  const auto output = unet.forward(sample, timesteps, context, conditions);
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
  EXPECT_EQ(
      message({{"up_block_types", {"UpBlock2D", "AttnUpBlock2D"}}}),
      "unet/config.json: up_block_types is [\"UpBlock2D\",\"AttnUpBlock2D\"], expected "
      "UpBlock2D, CrossAttnUpBlock2D, ResnetUpsampleBlock2D and SimpleCrossAttnUpBlock2D only");
  EXPECT_EQ(message({{"addition_embed_type", "text"}}),
            "unet/config.json: addition_embed_type is \"text\", expected \"text_time\", "
            "\"text_image\", \"image\", \"image_hint\" or nothing (not supported yet)");
  EXPECT_EQ(message({{"encoder_hid_dim_type", "text_proj"}, {"encoder_hid_dim", 8}}),
            "unet/config.json: encoder_hid_dim_type is \"text_proj\", expected "
            "\"text_image_proj\", \"image_proj\" or nothing (not supported yet)");
  EXPECT_EQ(message({{"encoder_hid_dim_type", "image_proj"}}),
            "unet/config.json: encoder_hid_dim is missing");
  EXPECT_EQ(message({{"encoder_hid_dim", 8}}),
            "unet/config.json: encoder_hid_dim is 8, expected an encoder_hid_dim_type beside it "
            "(not supported yet)");
  EXPECT_EQ(message({{"addition_embed_type", "image_hint"}, {"encoder_hid_dim", 8}}),
            "unet/config.json: in_channels is absent, expected more than the hint's 4");
  EXPECT_EQ(message({{"mid_block_type", "UNetMidBlock2DSimpleCrossAttn"},
                     {"down_block_types", {"SimpleCrossAttnDownBlock2D"}},
                     {"up_block_types", {"SimpleCrossAttnUpBlock2D"}},
                     {"block_out_channels", {32}},
                     {"only_cross_attention", true}}),
            "unet/config.json: only_cross_attention is true, expected false with SimpleCrossAttn "
            "blocks (not supported yet)");
  EXPECT_EQ(message({{"down_block_types", {"SimpleCrossAttnDownBlock2D", "DownBlock2D"}},
                     {"up_block_types", {"UpBlock2D", "UpBlock2D"}},
                     {"block_out_channels", {32, 32}},
                     {"attention_head_dim", {4, 8}}}),
            "unet/config.json: attention_head_dim is [4,8], expected one number with "
            "SimpleCrossAttn blocks (not supported yet)");
}

TEST(UNet, SeesObjectsAndPictures) {
  c10::InferenceMode inference;
  for (const std::string name : {"grounded", "pictured"}) {
    const ModelFixture fixture("unet");
    models::UNet2DConditionModel unet(models::UNetConfig::read(fixture.config(name)));
    randomise(unet);
    const auto text = normal(2, {2, 5, unet.config().levels[0].cross_attention_dim});
    const auto without = unet.forward(normal(1, {2, 4, 8, 8}), at::full({2}, 600.0), {text});
    EXPECT_FALSE(all_near(without, fixture.expected(name), 1e-3)) << name;
  }
}

TEST(CrossAttentions, AreCountedDownUpMiddle) {
  const auto config = models::UNetConfig::read(
      {"c",
       {{"block_out_channels", {32, 64}},
        {"down_block_types", {"CrossAttnDownBlock2D", "CrossAttnDownBlock2D"}},
        {"up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D"}},
        {"layers_per_block", {1, 2}},
        {"transformer_layers_per_block", {1, 2}}}});
  EXPECT_EQ(models::cross_attention_widths(config),
            (std::vector<std::int64_t>{32, 64, 64, 64, 64, 32, 32, 64, 64}));
  EXPECT_EQ(
      models::cross_attention_widths(models::UNetConfig::read({"c", nlohmann::json::object()}))
          .size(),
      16u);
  EXPECT_TRUE(models::cross_attention_widths(
                  models::UNetConfig::read({"c",
                                            {{"block_out_channels", {32}},
                                             {"down_block_types", {"SimpleCrossAttnDownBlock2D"}},
                                             {"mid_block_type", "UNetMidBlock2DSimpleCrossAttn"},
                                             {"up_block_types", {"SimpleCrossAttnUpBlock2D"}}}}))
                  .empty());
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
