#include "models/catalogue.h"

#include <gtest/gtest.h>

#include <map>

#include "core/config_object.h"

namespace velatura::models {
namespace {

const std::string kModels = VELATURA_FIXTURES "/models/";

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

TEST(CatalogueOfNetworks, KnowsNoOthers) {
  EXPECT_THROW(network_parameters("UNetMotionModel", {"test", nlohmann::json::object()}),
               std::logic_error);
}

}  // namespace
}  // namespace velatura::models
