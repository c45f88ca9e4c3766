#include "models/dpt/config.h"

#include <gmock/gmock.h>

namespace velatura::testing {

using models::DptConfig;
using nlohmann::json;
using ::testing::ElementsAre;

namespace {

json full_size() {
  return {{"is_hybrid", true}, {"neck_hidden_sizes", {256, 512, 768, 768}}};
}

json bit() {
  return {{"model_type", "bit"},
          {"layer_type", "bottleneck"},
          {"depths", {3, 4, 9}},
          {"global_padding", "same"},
          {"embedding_dynamic_padding", true},
          {"out_features", {"stage1", "stage2", "stage3"}}};
}

std::string message(const json& config) {
  try {
    DptConfig::read({"config.json", config});
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string with(const std::string& key, const json& value) {
  json config = full_size();
  config[key] = value;
  return message(config);
}

std::string with_bit(const std::string& key, const json& value) {
  json backbone = bit();
  backbone[key] = value;
  return with("backbone_config", backbone);
}

}  // namespace

TEST(DptConfig, DefaultsAreTransformers) {
  const auto config = DptConfig::read({"config.json", full_size()});
  EXPECT_EQ(config.hidden_size, 768);
  EXPECT_EQ(config.image_size, 384);
  EXPECT_EQ(config.layer_norm_eps, 1e-12);
  EXPECT_THAT(config.taps, ElementsAre(8, 11));
  EXPECT_THAT(config.backbone.depths, ElementsAre(3, 4, 9));
  EXPECT_THAT(config.backbone.hidden_sizes, ElementsAre(256, 512, 1024));
}

// As files written by transformers 4 are: settings of text generation, nulls, a fourth size
// beside three stages, and names of how the backbone might have been found.
TEST(DptConfig, ReadsOldFiles) {
  json config = full_size();
  config.update({{"model_type", "dpt"},
                 {"architectures", {"DPTForDepthEstimation"}},
                 {"backbone", nullptr},
                 {"backbone_kwargs", nullptr},
                 {"use_pretrained_backbone", false},
                 {"use_timm_backbone", false},
                 {"backbone_featmap_shape", {1, 1024, 24, 24}},
                 {"backbone_out_indices", {2, 5, 8, 11}},
                 {"image_size", {384, 384}},
                 {"reassemble_factors", {1, 1, 1, 0.5}},
                 {"torch_dtype", "float32"},
                 {"transformers_version", nullptr}});
  config["backbone_config"] = bit();
  config["backbone_config"].update({{"hidden_sizes", {256, 512, 1024, 2048}},
                                    {"global_padding", "SAME"},
                                    {"stage_names", {"stem", "stage1", "stage2", "stage3"}},
                                    {"output_stride", 32},
                                    {"drop_path_rate", 0.0},
                                    {"diversity_penalty", 0.0},
                                    {"pruned_heads", json::object()},
                                    {"bad_words_ids", nullptr},
                                    {"max_length", 20},
                                    {"top_p", 1.0}});
  EXPECT_EQ(message(config), "");
}

TEST(DptConfig, NamesWhatIsNotSupported) {
  EXPECT_EQ(message({{"backbone_config", bit()}}),
            "config.json: backbone_config is " + bit().dump() +
                ", expected null without is_hybrid (not supported yet)");
  EXPECT_EQ(message({{"reassemble_factors", {4, 2, 1, 0.7}}}),
            "config.json: reassemble_factors is [4,2,1,0.7], expected 4 whole numbers, or one over "
            "them");
  EXPECT_EQ(with("readout_type", "add"),
            "config.json: readout_type is \"add\", expected \"project\" (not supported yet)");
  EXPECT_EQ(with("image_size", {384, 512}),
            "config.json: image_size is [384,512], expected a square");
  EXPECT_EQ(with("patch_size", 8),
            "config.json: patch_size is 8, expected 16, the backbone's stride");
  EXPECT_EQ(with("num_hidden_layers", 11),
            "config.json: backbone_out_indices is absent, expected 4 rising indices of layers");
  EXPECT_EQ(with("neck_hidden_sizes", {96, 192, 384, 768}),
            "config.json: neck_hidden_sizes is [96,192,384,768], expected the sizes of the "
            "backbone's stages to begin with");
  EXPECT_EQ(with("backbone_featmap_shape", {1, 512, 24, 24}),
            "config.json: backbone_featmap_shape is [1,512,24,24], expected 1024 channels");
  EXPECT_EQ(with("num_attention_heads", 7),
            "config.json: hidden_size is absent, expected a multiple of num_attention_heads");
  EXPECT_EQ(with("backbone", "resnet50"), "config.json: not supported: backbone = \"resnet50\"");
  const json refused = {{"reassemble_factors", {4, 2, 1, 0.25}},
                        {"add_projection", true},
                        {"use_batch_norm_in_fusion_residual", true},
                        {"use_bias_in_fusion_residual", false},
                        {"neck_ignore_stages", {0}},
                        {"head_in_index", 0},
                        {"hidden_act", "relu"},
                        {"num_channels", 1}};
  for (const auto& [key, value] : refused.items()) {
    EXPECT_THAT(with(key, value), ::testing::HasSubstr(key + " is " + value.dump())) << key;
  }
}

TEST(DptConfig, NamesWhatIsNotSupportedOfTheBackbone) {
  EXPECT_EQ(with("backbone_config", bit()), "");
  EXPECT_EQ(with_bit("layer_type", "preactivation"),
            "config.json: backbone_config: layer_type is \"preactivation\", expected "
            "\"bottleneck\" (not supported yet)");
  EXPECT_EQ(with_bit("layer_type", nullptr), "config.json: backbone_config: layer_type is missing");
  EXPECT_EQ(with_bit("depths", {3, 4, 6, 3}),
            "config.json: backbone_config: depths is [3,4,6,3], expected 3 stages");
  EXPECT_EQ(
      with_bit("hidden_sizes", {256, 512, 1000}),
      "config.json: backbone_config: hidden_sizes is [256,512,1000], expected multiples of 32");
  EXPECT_EQ(with_bit("new_setting", 3),
            "config.json: backbone_config: not supported: new_setting = 3");
  const json refused = {{"model_type", "resnet"},
                        {"global_padding", "valid"},
                        {"embedding_dynamic_padding", false},
                        {"out_features", {"stage3"}},
                        {"output_stride", 8},
                        {"width_factor", 2},
                        {"hidden_act", "gelu"},
                        {"num_groups", 48}};
  for (const auto& [key, value] : refused.items()) {
    EXPECT_THAT(with_bit(key, value), ::testing::HasSubstr("config.json: backbone_config: "))
        << key;
  }
}

}  // namespace velatura::testing
