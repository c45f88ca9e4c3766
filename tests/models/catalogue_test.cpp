#include "models/catalogue.h"

#include <gtest/gtest.h>

#include "models/unet/unet_2d_condition_model.h"

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
  const auto network = build_network(GetParam().class_name, config());
  const auto parameters = network->named_parameters();
  ASSERT_TRUE(parameters.contains(GetParam().parameter));
  for (const auto& parameter : parameters) {
    EXPECT_EQ(parameter.value().storage().nbytes(), sizeof(float)) << parameter.key();
  }
}

TEST_P(Catalogue, TellsConfigsApart) {
  const auto& name = GetParam().class_name;
  const ConfigObject same = config().with("_name_or_path", "elsewhere");
  EXPECT_TRUE(same_network(name, config(), same));
  const char* const eps = name == "AutoencoderKL"          ? "scaling_factor"
                          : name == "UNet2DConditionModel" ? "norm_eps"
                                                           : "layer_norm_eps";
  EXPECT_FALSE(same_network(name, config(), config().with(eps, 0.5)));
}

INSTANTIATE_TEST_SUITE_P(
    Classes, Catalogue,
    ::testing::Values(
        Case{"UNet2DConditionModel", "tiny/unet/config.json", "time_embedding.linear_1.weight"},
        Case{"AutoencoderKL", "tiny/vae/config.json", "decoder.conv_out.weight"},
        Case{"CLIPTextModel", "tiny/text_encoder/config.json", "text_model.final_layer_norm.bias"},
        Case{"DPTForDepthEstimation", "tiny-depth-estimator/depth_estimator/config.json",
             "head.head.0.weight"}),
    [](const auto& info) { return info.param.class_name; });

TEST(CatalogueOfNetworks, GivesTheClassItself) {
  const auto network = build_network("UNet2DConditionModel",
                                     ConfigObject::from_file(kModels + "tiny/unet/config.json"));
  EXPECT_NE(std::dynamic_pointer_cast<UNet2DConditionModel>(network), nullptr);
}

TEST(CatalogueOfNetworks, KnowsNoOthers) {
  EXPECT_THROW(build_network("UNetMotionModel", {"test", nlohmann::json::object()}),
               std::logic_error);
}

}  // namespace
}  // namespace velatura::models
