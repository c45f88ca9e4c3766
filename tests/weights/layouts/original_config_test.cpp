#include "weights/layouts/original_config.h"

#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/formats/yaml_file.h"
#include "weights/layouts/known_configs.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;

// As the configs are that the original models were published with.
constexpr const char* kSd2Config = R"(
model:
  base_learning_rate: 1.0e-4
  target: ldm.models.diffusion.ddpm.LatentDiffusion
  params:
    parameterization: "v"
    linear_start: 0.00085
    linear_end: 0.0120
    timesteps: 1000
    cond_stage_trainable: false
    monitor: val/loss_simple_ema
    scale_factor: 0.18215
    use_ema: False # this is for inference
    unet_config:
      target: ldm.modules.diffusionmodules.openaimodel.UNetModel
      params:
        use_checkpoint: True
        in_channels: 4
        out_channels: 4
        model_channels: 320
        attention_resolutions: [ 4, 2, 1 ]
        num_res_blocks: 2
        channel_mult: [ 1, 2, 4, 4 ]
        num_head_channels: 64
        use_spatial_transformer: True
        use_linear_in_transformer: True
        transformer_depth: 1
        context_dim: 1024
        legacy: False
    first_stage_config:
      target: ldm.models.autoencoder.AutoencoderKL
      params:
        embed_dim: 4
        monitor: val/rec_loss
        ddconfig:
          double_z: true
          z_channels: 4
          resolution: 256
          in_channels: 3
          out_ch: 3
          ch: 128
          ch_mult:
          - 1
          - 2
          - 4
          - 4
          num_res_blocks: 2
          attn_resolutions: []
          dropout: 0.0
        lossconfig:
          target: torch.nn.Identity
    cond_stage_config:
      target: ldm.modules.encoders.modules.FrozenOpenCLIPEmbedder
      params:
        freeze: True
        layer: "penultimate"
data:
  target: ldm.data.laion.WebDataModuleFromConfig
)";

class OriginalConfigFile : public ::testing::Test {
 protected:
  // The file with one piece of its text replaced.
  std::filesystem::path write(const std::string& from = "", const std::string& to = "") {
    std::string text = kSd2Config;
    if (!from.empty()) text.replace(text.find(from), from.size(), to);
    return folder.write("m.yaml", text);
  }
  std::string refused(const std::string& from, const std::string& to) {
    return refusal([&] { read_original_config(write(from, to)); });
  }
  // What the file's UNet makes of a family's config.
  nlohmann::json unet(const std::string& from = "", const std::string& to = "") {
    const OriginalConfig config = read_original_config(write(from, to));
    return with_settings(known_config("stable-diffusion-2/unet", "m"), "unet", config, "m").json();
  }

  Folder folder;
};

TEST_F(OriginalConfigFile, SaysWhatTheWeightsSayToo) {
  const OriginalConfig config = read_original_config(write());
  EXPECT_EQ(config.prediction_type, "v_prediction");
  EXPECT_TRUE(config.open_clip);
  for (const char* const name : {"unet", "vae"}) {
    const ConfigObject known = known_config(std::string("stable-diffusion-2/") + name, "m");
    nlohmann::json expected = known.json();
    if (name == std::string("vae")) expected["scaling_factor"] = 0.18215;
    EXPECT_EQ(with_settings(known, name, config, "m").json(), expected);
  }
}

TEST_F(OriginalConfigFile, DecidesWhatTheWeightsDoNotTell) {
  EXPECT_EQ(unet("num_head_channels: 64", "num_heads: 8").at("attention_head_dim"), 8);
  EXPECT_EQ(unet("num_head_channels: 64", "num_heads: -1\n        num_head_channels: 32")
                .at("attention_head_dim"),
            nlohmann::json({10, 20, 40, 40}));
  const auto type = [&](const std::string& line) {
    return read_original_config(write("parameterization: \"v\"", line)).prediction_type;
  };
  EXPECT_EQ(type("parameterization: eps"), "epsilon");
  EXPECT_EQ(type("parameterization: x0"), "sample");
  EXPECT_EQ(type("monitor_more: null"), "epsilon");
  const OriginalConfig config = read_original_config(
      write("linear_end: 0.0120", "linear_end: 0.02\n    beta_schedule: sqrt_linear"));
  const ConfigObject scheduler =
      with_settings(known_config("stable-diffusion-2/scheduler", "m"), "scheduler", config, "m");
  EXPECT_EQ(scheduler.json().at("beta_start"), 0.00085);
  EXPECT_EQ(scheduler.json().at("beta_end"), 0.02);
  EXPECT_EQ(scheduler.json().at("beta_schedule"), "linear");
  EXPECT_EQ(scheduler.json().at("num_train_timesteps"), 1000);
  const OriginalConfig scaled = read_original_config(write("0.18215", "0.08333"));
  EXPECT_EQ(with_settings(known_config("stable-diffusion-2/vae", "m"), "vae", scaled, "m")
                .json()
                .at("scaling_factor"),
            0.08333);
}

TEST_F(OriginalConfigFile, MustNotContradictTheWeights) {
  struct Change {
    std::string from, to, key, says, have;
  };
  const std::vector<Change> changes{
      {"in_channels: 4", "in_channels: 9", "unet_config.params.in_channels", "9", "4"},
      {"context_dim: 1024", "context_dim: 768", "unet_config.params.context_dim", "768", "1024"},
      {"use_linear_in_transformer: True", "use_linear_in_transformer: False",
       "use_linear_in_transformer", "false", "true"},
      {"[ 1, 2, 4, 4 ]", "[ 1, 2, 4 ]", "channel_mult", "[320,640,1280]", "[320,640,1280,1280]"},
      {"model_channels: 320", "model_channels: 256", "channel_mult", "[256,", "[320,"},
      {"[ 4, 2, 1 ]", "[ 8, 4, 2 ]", "attention_resolutions", "[\"DownBlock2D\",",
       "[\"CrossAttnDownBlock2D\","},
      {"num_res_blocks: 2", "num_res_blocks: 3", "num_res_blocks", "3", "2"},
      {"legacy: False", "num_classes: 1000", "num_classes", "1000", "none"}};
  for (const Change& change : changes) {
    EXPECT_THAT(refusal([&] { unet(change.from, change.to); }),
                AllOf(HasSubstr("m.yaml: model.params.unet_config."), HasSubstr(change.key),
                      HasSubstr(" " + change.says), HasSubstr("have " + change.have)));
  }
}

TEST_F(OriginalConfigFile, EveryKeyIsUnderstood) {
  EXPECT_THAT(refused("legacy: False", "num_heads_upsample: 3"),
              AllOf(HasSubstr("unet_config"), HasSubstr("num_heads_upsample")));
  EXPECT_THAT(refused("timesteps: 1000", "given_betas: [1]"), HasSubstr("given_betas"));
  EXPECT_THAT(refused("transformer_depth: 1", "transformer_depth: 2"),
              HasSubstr("transformer_depth is 2, expected 1"));
  EXPECT_THAT(refused("parameterization: \"v\"", "parameterization: flow"),
              AllOf(HasSubstr("parameterization is \"flow\""), HasSubstr("eps, v or x0")));
  EXPECT_THAT(refused("timesteps: 1000", "beta_schedule: cosine"), HasSubstr("cosine"));
  EXPECT_THAT(refused("context_dim: 1024", "context_dim: wide"),
              AllOf(HasSubstr("context_dim is \"wide\""), HasSubstr("a whole number")));
  EXPECT_THAT(refused("layer: \"penultimate\"", "layer: last"), HasSubstr("penultimate"));
}

TEST_F(OriginalConfigFile, UnknownTargetsAreNamed) {
  EXPECT_THAT(refused("ddpm.LatentDiffusion", "ddpm.ImageEmbeddingConditionedLatentDiffusion"),
              AllOf(HasSubstr("ddpm.ImageEmbeddingConditionedLatentDiffusion"),
                    HasSubstr("expected ldm.models.diffusion.ddpm.LatentDiffusion")));
  EXPECT_THAT(refused("openaimodel.UNetModel", "openaimodel.Other"),
              HasSubstr("openaimodel.Other"));
  EXPECT_THAT(refused("FrozenOpenCLIPEmbedder", "BertEmbedder"), HasSubstr("BertEmbedder"));
  EXPECT_THAT(refused("autoencoder.AutoencoderKL", "autoencoder.VQModel"), HasSubstr("VQModel"));
  EXPECT_THAT(refused("model:", "models:"), HasSubstr("model is missing"));
}

TEST_F(OriginalConfigFile, CutShortItIsReadOrRefused) {
  const std::string text = kSd2Config;
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto path = folder.write("cut.yaml", text.substr(0, length));
    try {
      read_original_config(path);
    } catch (const InputError& error) {
      ASSERT_THAT(error.what(), HasSubstr("cut.yaml"));
    }
  }
}

class YamlFile : public ::testing::Test {
 protected:
  nlohmann::json read(const std::string& text) {
    return read_yaml_file(folder.write("a.yaml", text));
  }
  std::string refused(const std::string& text) {
    return refusal([&] { read(text); });
  }
  Folder folder;
};

TEST_F(YamlFile, BecomesJson) {
  EXPECT_EQ(read("a: 1\nb: [1.5, 1.0e-04, -2, True, false, ~, null, x y]\nc: {d: \"1\", e: 'no'}\n"
                 "f: # nothing\ng: &g [1]\nh: *g\n"),
            nlohmann::json::parse(R"({"a": 1, "b": [1.5, 1.0e-04, -2, true, false, null, null,
                                      "x y"], "c": {"d": "1", "e": "no"}, "f": null, "g": [1],
                                      "h": [1]})"));
}

TEST_F(YamlFile, RefusesWhatIsBroken) {
  EXPECT_THAT(refused("a: 1\nb: [1,\n"), HasSubstr("a.yaml:3: not valid YAML"));
  EXPECT_THAT(refused("a: 1\nb: 2\na: 3\n"),
              AllOf(HasSubstr("a.yaml:3"), HasSubstr("key a twice")));
  EXPECT_THAT(refused("a: \x91\n"), HasSubstr("a.yaml: is not UTF-8 text"));
  EXPECT_THAT(refused("? [1]\n: 2\n"), HasSubstr("a key that is no text"));
  EXPECT_THAT(refused(std::string(40, '[') + std::string(40, ']')), HasSubstr("too deep"));
  EXPECT_THAT(refused(std::string(100'000, '[')), HasSubstr("a.yaml"));
  EXPECT_THAT(refused("a: " + std::string(300 << 10, 'x')), HasSubstr("a.yaml"));
  // Ten lists of ten of the one before: 10^10 values once they are followed.
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 1; k < 10; ++k) bomb += ", " + last;
    bomb += "]\n";
  }
  EXPECT_THAT(refused(bomb), HasSubstr("too deep or too large"));
}

}  // namespace
}  // namespace velatura::weights
