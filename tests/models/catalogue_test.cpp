#include "models/catalogue.h"

#include <gtest/gtest.h>

#include <map>

#include "core/config_object.h"
#include "support/fixture_models.h"

namespace velatura::models {
namespace {

using velatura::testing::kModels;

// Kandinsky's own, as its documentation and the counts of its parameters have it.
nlohmann::json kandinsky_unet() {
  return {{"_class_name", "UNet2DConditionModel"},
          {"addition_embed_type", "image"},
          {"attention_head_dim", 64},
          {"block_out_channels", {384, 768, 1152, 1536}},
          {"cross_attention_dim", 768},
          {"down_block_types",
           {"ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D",
            "SimpleCrossAttnDownBlock2D"}},
          {"encoder_hid_dim", 1280},
          {"encoder_hid_dim_type", "image_proj"},
          {"layers_per_block", 3},
          {"mid_block_type", "UNetMidBlock2DSimpleCrossAttn"},
          {"out_channels", 8},
          {"resnet_time_scale_shift", "scale_shift"},
          {"up_block_types",
           {"SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D",
            "ResnetUpsampleBlock2D"}}};
}

struct Case {
  std::string class_name;
  std::string config;
  std::string parameter;  // that networks of the class have
};

class Catalogue : public ::testing::TestWithParam<Case> {
 protected:
  ConfigObject config() const { return ConfigObject::from_file(kModels + GetParam().config); }
};

TEST_P(Catalogue, BuildsWhatTheConfigDescribesWithoutMemoryForIt) {
  bool found = false;
  for (const auto& [name, parameter] : network_parameters(GetParam().class_name, config())) {
    EXPECT_EQ(parameter.storage().nbytes(), sizeof(float)) << name;
    found = found || name == GetParam().parameter;
  }
  EXPECT_TRUE(found);
}

TEST_P(Catalogue, TellsConfigsApart) {
  const auto& name = GetParam().class_name;
  const ConfigObject same = config().with("_name_or_path", "elsewhere");
  EXPECT_TRUE(same_network(name, config(), same));
  const std::map<std::string, std::pair<const char*, nlohmann::json>> others{
      {"UNet2DConditionModel", {"norm_eps", 0.5}},
      {"AutoencoderKL", {"scaling_factor", 0.5}},
      {"CLIPTextModel", {"layer_norm_eps", 0.5}},
      {"CLIPTextModelWithProjection", {"projection_dim", 7}},
      {"DPTForDepthEstimation", {"layer_norm_eps", 0.5}},
      {"ControlNetModel", {"norm_eps", 0.5}},
      {"T2IAdapter", {"num_res_blocks", 7}}};
  const auto& [key, value] = others.at(name);
  EXPECT_FALSE(same_network(name, config(), config().with(key, value)));
}

INSTANTIATE_TEST_SUITE_P(
    Classes, Catalogue,
    ::testing::Values(
        Case{"UNet2DConditionModel", "tiny/unet/config.json", "time_embedding.linear_1.weight"},
        Case{"AutoencoderKL", "tiny/vae/config.json", "decoder.conv_out.weight"},
        Case{"CLIPTextModel", "tiny/text_encoder/config.json", "text_model.final_layer_norm.bias"},
        Case{"DPTForDepthEstimation", "tiny-depth-estimator/depth_estimator/config.json",
             "head.head.0.weight"},
        Case{"ControlNetModel", "tiny-control/net/config.json", "controlnet_mid_block.bias"},
        Case{"T2IAdapter", "tiny-control/adapter/config.json",
             "adapter.body.1.resnets.0.block2.weight"}),
    [](const auto& info) { return info.param.class_name; });

// @param config  of a bundled family  @param changes  keys with other values
std::int64_t parameter_count(const std::string& class_name, const std::string& config,
                             const nlohmann::json& changes = nlohmann::json::object()) {
  auto object = ConfigObject::from_file(VELATURA_FIXTURES "/../../models/configs/" + config);
  for (const auto& [key, value] : changes.items()) object = object.with(key, value);
  std::int64_t count = 0;
  for (const auto& [name, parameter] : network_parameters(class_name, object))
    count += parameter.numel();
  return count;
}

TEST(CatalogueOfNetworks, HasAsManyParametersAsTheModelsOfTheField) {
  const std::string base = "stable-diffusion-xl-base/", refiner = "stable-diffusion-xl-refiner/";
  EXPECT_EQ(parameter_count("UNet2DConditionModel", base + "unet.json"), 2567463684);
  EXPECT_EQ(parameter_count("UNet2DConditionModel", base + "unet.json", {{"in_channels", 9}}),
            2567478084);
  EXPECT_EQ(parameter_count("UNet2DConditionModel", refiner + "unet.json"), 2259526660);
  EXPECT_EQ(parameter_count("CLIPTextModel", base + "text_encoder.json"), 123060480);
  EXPECT_EQ(parameter_count("CLIPTextModelWithProjection", base + "text_encoder_2.json"),
            694659840);
  EXPECT_EQ(parameter_count("AutoencoderKL", base + "vae.json"), 83653863);
  const nlohmann::json controlnet{{"_class_name", "ControlNetModel"},
                                  {"in_channels", 4},
                                  {"up_block_types", nullptr},
                                  {"out_channels", nullptr},
                                  {"center_input_sample", nullptr}};
  EXPECT_EQ(parameter_count("ControlNetModel", base + "unet.json", controlnet), 1251014160);
}

std::int64_t parameter_count_of(const std::string& class_name, nlohmann::json config,
                                const nlohmann::json& changes = nlohmann::json::object()) {
  config.update(changes);
  std::int64_t count = 0;
  for (const auto& [name, parameter] : network_parameters(class_name, {"config", config}))
    count += parameter.numel();
  return count;
}

TEST(CatalogueOfNetworks, HasAsManyParametersAsKandinsky) {
  const std::string unet = "UNet2DConditionModel";
  EXPECT_EQ(parameter_count_of(unet, kandinsky_unet()), 1253057288);
  EXPECT_EQ(parameter_count_of(unet, kandinsky_unet(),
                               {{"addition_embed_type", "image_hint"}, {"in_channels", 8}}),
            1253429212);
  EXPECT_EQ(parameter_count_of(unet, kandinsky_unet(),
                               {{"addition_embed_type", "text_image"},
                                {"encoder_hid_dim", 1024},
                                {"encoder_hid_dim_type", "text_image_proj"}}),
            1228661768);
  const std::vector<std::string> down(3, "DownEncoderBlock2D"), up(3, "UpDecoderBlock2D");
  nlohmann::json movq{{"block_out_channels", {128, 256, 256, 512}},
                      {"down_block_types", down},
                      {"latent_channels", 4},
                      {"layers_per_block", 2},
                      {"norm_type", "spatial"},
                      {"num_vq_embeddings", 16384},
                      {"up_block_types", up},
                      {"vq_embed_dim", 4}};
  movq["down_block_types"].push_back("AttnDownEncoderBlock2D");
  movq["up_block_types"].insert(movq["up_block_types"].begin(), "AttnUpDecoderBlock2D");
  EXPECT_EQ(parameter_count_of("VQModel", movq), 67832495);
  EXPECT_EQ(parameter_count_of("PriorTransformer", nlohmann::json::object()), 1022030080);
  EXPECT_EQ(parameter_count_of("PriorTransformer", {{"embedding_dim", 1280}}), 1026225920);
  EXPECT_EQ(parameter_count_of("MultilingualCLIP", {{"hidden_size", 1024},
                                                    {"intermediate_size", 4096},
                                                    {"max_position_embeddings", 514},
                                                    {"num_attention_heads", 16},
                                                    {"num_hidden_layers", 24},
                                                    {"type_vocab_size", 1},
                                                    {"vocab_size", 250002},
                                                    {"transformerDimensions", 1024},
                                                    {"numDims", 768}}),
            560677632);
  EXPECT_EQ(parameter_count_of("CLIPVisionModelWithProjection", {{"hidden_size", 1024},
                                                                 {"intermediate_size", 4096},
                                                                 {"num_attention_heads", 16},
                                                                 {"num_hidden_layers", 24},
                                                                 {"patch_size", 14},
                                                                 {"projection_dim", 768}}),
            303966208);
  EXPECT_EQ(parameter_count_of("CLIPVisionModelWithProjection", {{"hidden_act", "gelu"},
                                                                 {"hidden_size", 1664},
                                                                 {"intermediate_size", 8192},
                                                                 {"num_attention_heads", 16},
                                                                 {"num_hidden_layers", 48},
                                                                 {"patch_size", 14},
                                                                 {"projection_dim", 1280}}),
            1844907264);
}

TEST(CatalogueOfNetworks, KnowsNoOthers) {
  EXPECT_THROW(network_parameters("UNetMotionModel", {"test", nlohmann::json::object()}),
               std::logic_error);
}

}  // namespace
}  // namespace velatura::models
