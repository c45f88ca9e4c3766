#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "weights/family_checkpoint.h"
#include "weights/files.h"
#include "weights/layouts/known_configs.h"
#include "weights/layouts/model_files.h"
#include "weights/layouts/original_names.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using testing::counting;
using ::testing::ElementsAre;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kConvIn;
using testing::kUNet;
using testing::refusal;
using ::testing::SizeIs;

const std::string kLateBias = kUNet + "output_blocks.11.1.transformer_blocks.0.norm1.bias";

struct PublishedCheckpoint {
  testing::Tensors tensors;
};

PublishedCheckpoint checkpoint(const std::string& family, std::int64_t in_channels) {
  return {testing::family_checkpoint(family, in_channels)};
}

class SingleFile : public ::testing::Test {
 protected:
  ModelFiles open(const PublishedCheckpoint& checkpoint,
                  const std::map<std::string, std::string>& metadata = {}) {
    return open_model(folder.write("m.safetensors", encoded(checkpoint.tensors, metadata)));
  }
  std::string refused(const testing::Tensors& tensors) {
    const auto path = folder.write("m.safetensors", encoded(tensors));
    return refusal([&] { open_model(path); });
  }

  Folder folder;
};

/// Stable Diffusion 1.x with GLIGEN's layers.
testing::Tensors grounded_checkpoint() {
  auto tensors = checkpoint("stable-diffusion-1", 4).tensors;
  auto config = known_config("stable-diffusion-1/unet", "test").json();
  config["attention_type"] = "gated";
  for (const NameRule& rule : original_unet_names(config, kUNet)) {
    tensors.try_emplace(rule.from, counting({3}));
  }
  return tensors;
}

TEST_F(SingleFile, GligenIsToldByItsLayers) {
  const auto tensors = grounded_checkpoint();
  const ModelFiles model = open({tensors});
  EXPECT_THAT(model.description, HasSubstr("Stable Diffusion 1.x with GLIGEN"));
  EXPECT_EQ(model.part("unet").config.json().at("attention_type"), "gated");
  const auto names = model.part("unet").weights->names();
  EXPECT_EQ(names.size(), 686u + 16 * 17 + 8);
  const std::string fuser = "down_blocks.0.attentions.0.transformer_blocks.0.fuser.";
  EXPECT_THAT(names, AllOf(Contains(fuser + "alpha_attn"), Contains(fuser + "attn.to_out.0.bias"),
                           Contains("position_net.linears.4.bias")));
  EXPECT_THAT(model.left_out, IsEmpty());

  // As GLIGEN publishes it: a dict of dicts.
  testing::Tensors published{{"diffusion.betas", counting({3})}};
  for (const auto& [name, tensor] : tensors) {
    std::string own = name;
    for (const auto& [usual, prefix] : {std::pair{"model.diffusion_model.", "model."},
                                        {"first_stage_model.", "autoencoder."},
                                        {"cond_stage_model.", "text_encoder."}}) {
      if (name.starts_with(usual)) own = prefix + name.substr(std::string(usual).size());
    }
    published[own] = tensor;
  }
  const ModelFiles same = open({published});
  EXPECT_EQ(same.part("unet").weights->names(), names);
  EXPECT_EQ(same.part("vae").weights->names(), model.part("vae").weights->names());
  EXPECT_EQ(same.part("text_encoder").weights->names(),
            model.part("text_encoder").weights->names());
  EXPECT_THAT(same.warnings, IsEmpty());
}

TEST_F(SingleFile, StableDiffusion1) {
  const PublishedCheckpoint sd1 = checkpoint("stable-diffusion-1", 4);
  const ModelFiles model = open(sd1, {{"title", "x"}});
  EXPECT_EQ(model.pipeline_class, "StableDiffusionPipeline");
  EXPECT_THAT(model.description, HasSubstr("Stable Diffusion 1.x"));
  EXPECT_EQ(model.part("unet").weights->names().size(), 686u);
  EXPECT_EQ(model.part("vae").weights->names().size(), 248u);
  EXPECT_EQ(model.part("text_encoder").weights->names().size(), 196u);
  EXPECT_EQ(model.config("scheduler").json().at("prediction_type"), "epsilon");
  EXPECT_EQ(model.part("unet").config.json().at("in_channels"), 4);
  EXPECT_EQ(model.tokenizer("tokenizer").folder, "");
  EXPECT_EQ(model.tokenizer("tokenizer").pad_token, "<|endoftext|>");
  EXPECT_EQ(model.metadata.at("title"), "x");
  EXPECT_THAT(model.warnings, IsEmpty());
  const std::string key = "first_stage_model.decoder.up.3.block.0.norm1.weight";
  EXPECT_TRUE(
      at::equal(model.part("vae").weights->load("decoder.up_blocks.0.resnets.0.norm1.weight"),
                sd1.tensors.at(key)));
  const std::string layer = "text_model.encoder.layers.11.mlp.fc2.bias";
  EXPECT_TRUE(at::equal(model.part("text_encoder").weights->load(layer),
                        sd1.tensors.at("cond_stage_model.transformer." + layer)));
}

TEST_F(SingleFile, TextEncoderWithoutTextModelPrefix) {
  const PublishedCheckpoint sd1 = checkpoint("stable-diffusion-1", 4);
  const std::string prefix = "cond_stage_model.transformer.";
  PublishedCheckpoint bare;
  for (const auto& [name, tensor] : sd1.tensors) {
    const bool text = name.starts_with(prefix);
    bare.tensors[text ? prefix + name.substr(prefix.size() + 11) : name] = tensor;
  }
  EXPECT_EQ(open(bare).part("text_encoder").weights->names(),
            open(sd1).part("text_encoder").weights->names());
}

TEST_F(SingleFile, UNetsOfOtherTasksAreToldByTheirChannels) {
  const std::vector<std::tuple<std::string, int, std::string, std::string>> kinds{
      {"stable-diffusion-1", 9, "StableDiffusionInpaintPipeline", "1.x inpainting"},
      {"stable-diffusion-2", 9, "StableDiffusionInpaintPipeline", "2.x inpainting"},
      {"stable-diffusion-2", 5, "StableDiffusionDepth2ImgPipeline", "2.x depth"},
      {"stable-diffusion-x4-upscaler", 7, "StableDiffusionUpscalePipeline", "x4 upscaler"}};
  for (const auto& [family, in_channels, pipeline_class, name] : kinds) {
    PublishedCheckpoint file = checkpoint(family, in_channels);
    // Speaks for v, but only of 4-channel models.
    if (family == "stable-diffusion-2") file.tensors[kLateBias] = at::tensor({-0.2f, 0.2f});
    const ModelFiles model = open(file);
    EXPECT_EQ(model.pipeline_class, pipeline_class);
    EXPECT_EQ(model.description, "Stable Diffusion " + name + ", single file");
    EXPECT_EQ(model.part("unet").config.json().at("in_channels"), in_channels);
    EXPECT_THAT(model.warnings, IsEmpty()) << family;
    const bool upscaler = in_channels == 7;
    EXPECT_EQ(model.config("scheduler").json().at("prediction_type"),
              upscaler ? "v_prediction" : "epsilon");
    EXPECT_EQ(model.part("vae").config.json().at("block_out_channels").size(), upscaler ? 3u : 4u);
  }
  const ModelFiles told = open(checkpoint("stable-diffusion-x4-upscaler", 7),
                               {{"modelspec.prediction_type", "epsilon"}});
  EXPECT_EQ(told.config("scheduler").json().at("prediction_type"), "epsilon");
}

TEST_F(SingleFile, OpenClipIsSplitAndItsLastLayerLeftOut) {
  PublishedCheckpoint sd2 = checkpoint("stable-diffusion-2", 4);
  const std::string blocks = "cond_stage_model.model.transformer.resblocks.";
  sd2.tensors[blocks + "22.attn.in_proj_weight"] = counting({6, 2});
  for (const char* leaf : {".ln_1.weight", ".attn.in_proj_weight"}) {
    sd2.tensors[blocks + "23" + leaf] = counting({3});
  }
  sd2.tensors["cond_stage_model.model.text_projection"] = counting({2, 2});
  sd2.tensors["cond_stage_model.model.logit_scale"] = counting({1});
  const ModelFiles model = open(sd2);
  EXPECT_EQ(model.part("text_encoder").weights->names().size(), 372u);
  EXPECT_TRUE(at::equal(model.part("text_encoder")
                            .weights->load("text_model.encoder.layers.22.self_attn.k_proj.weight"),
                        counting({6, 2}).slice(0, 2, 4)));
  EXPECT_EQ(model.tokenizer("tokenizer").pad_token, "!");
}

TEST_F(SingleFile, TheProjectionOfTextsIsTransposed) {
  PublishedCheckpoint xl = checkpoint("stable-diffusion-xl-base", 4);
  xl.tensors.at("conditioner.embedders.1.model.text_projection") = counting({2, 3});
  EXPECT_TRUE(at::equal(open(xl).part("text_encoder_2").weights->load("text_projection.weight"),
                        counting({2, 3}).t()));
}

TEST_F(SingleFile, DepthModelBringsItsEstimator) {
  PublishedCheckpoint sd2 = checkpoint("stable-diffusion-2", 5);
  const std::string midas = "depth_model.model.pretrained.model.";
  sd2.tensors[midas + "head.weight"] = counting({2, 2});
  ModelFiles model = open(sd2);
  EXPECT_THAT(model.warnings, IsEmpty());
  ASSERT_NE(model.find("depth_estimator"), nullptr);
  EXPECT_EQ(model.part("depth_estimator").weights->names().size(), 414u);
  EXPECT_TRUE(at::equal(model.part("depth_estimator")
                            .weights->load("dpt.encoder.layer.11.attention.attention.value.bias"),
                        sd2.tensors.at(midas + "blocks.11.attn.qkv.bias").slice(0, 4, 6)));
  EXPECT_EQ(model.part("depth_estimator").config.json().at("is_hybrid"), true);
  EXPECT_EQ(model.config("feature_extractor").json().at("size").at("height"), 384);
  sd2.tensors[midas + "extra"] = counting({1});
  model = open(sd2);
  EXPECT_THAT(model.part("depth_estimator").weights->names(), Contains(midas + "extra"));
  std::erase_if(sd2.tensors, [](const auto& item) { return item.first.starts_with("depth_"); });
  EXPECT_EQ(open(sd2).find("depth_estimator"), nullptr);
}

TEST_F(SingleFile, ThePredictionTypeChoosesTheScheduler) {
  PublishedCheckpoint sd2 = checkpoint("stable-diffusion-2", 4);
  sd2.tensors[kLateBias] = at::tensor({-0.2f, 0.2f});
  ModelFiles model = open(sd2);
  EXPECT_EQ(model.config("scheduler").json().at("prediction_type"), "v_prediction");
  EXPECT_EQ(model.part("unet").config.json().at("sample_size"), 96);
  EXPECT_EQ(model.config("scheduler").json().at("_class_name"), "DDIMScheduler");
  EXPECT_THAT(model.prediction_signals, SizeIs(1));
  EXPECT_THAT(model.warnings, IsEmpty());
  model = open(sd2, {{"modelspec.prediction_type", "epsilon"}});
  EXPECT_EQ(model.config("scheduler").json().at("prediction_type"), "epsilon");
  EXPECT_EQ(model.part("unet").config.json().at("sample_size"), 64);
  EXPECT_THAT(model.prediction_signals, SizeIs(2));
  EXPECT_THAT(model.warnings, ElementsAre(HasSubstr("--prediction")));
}

// A config beside the file, with what the tests change.
constexpr const char* kYaml = R"(
model:
  target: ldm.models.diffusion.ddpm.LatentDiffusion
  params:
    parameterization: v
    linear_end: 0.02
    scale_factor: 0.2
    unet_config:
      target: ldm.modules.diffusionmodules.openaimodel.UNetModel
      params: {in_channels: 4, model_channels: 320, channel_mult: [1, 2, 4, 4], num_heads: 4}
    first_stage_config:
      target: ldm.models.autoencoder.AutoencoderKL
      params: {embed_dim: 4, ddconfig: {ch: 128, ch_mult: [1, 2, 4, 4]}}
    cond_stage_config:
      target: ldm.modules.encoders.modules.FrozenCLIPEmbedder
)";

TEST_F(SingleFile, AConfigBesideItOverridesWhatTheWeightsDoNotTell) {
  const PublishedCheckpoint sd1 = checkpoint("stable-diffusion-1", 4);
  folder.write("m.yaml", kYaml);
  const ModelFiles model = open(sd1);
  EXPECT_THAT(model.description,
              HasSubstr("single file, with the config " + (folder / "m.yaml").string()));
  EXPECT_EQ(model.config("scheduler").json().at("prediction_type"), "v_prediction");
  EXPECT_EQ(model.config("scheduler").json().at("beta_end"), 0.02);
  EXPECT_EQ(model.part("unet").config.json().at("attention_head_dim"), 4);
  EXPECT_EQ(model.part("vae").config.json().at("scaling_factor"), 0.2);
  EXPECT_THAT(model.warnings, IsEmpty());
  EXPECT_THAT(refused(checkpoint("stable-diffusion-1", 9).tensors),
              AllOf(HasSubstr("m.yaml: model.params.unet_config.params.in_channels"),
                    HasSubstr("4, but the weights in"), HasSubstr("m.safetensors have 9")));
  EXPECT_THAT(
      refused(checkpoint("stable-diffusion-2", 4).tensors),
      AllOf(HasSubstr("m.yaml"), HasSubstr("CLIP's text encoder"), HasSubstr("have OpenCLIP's")));
}

TEST_F(SingleFile, LeftoversOfTrainingArePassedOver) {
  PublishedCheckpoint sd1 = checkpoint("stable-diffusion-1", 4);
  for (const char* name :
       {"model_ema.decay", "model_ema.diffusion_modelout0weight", "betas", "alphas_cumprod_prev",
        "sqrt_recip_alphas_cumprod", "log_one_minus_alphas_cumprod", "posterior_mean_coef1",
        "logvar", "lvlb_weights", "loss.weight", "first_stage_model.loss.discriminator.weight"}) {
    sd1.tensors[name] = counting({1});
  }
  for (const char* name :
       {"global_step", "cond_stage_model.transformer.text_model.embeddings.position_ids"}) {
    sd1.tensors[name] = counting({1, 77}, at::kLong);
  }
  const ModelFiles model = open(sd1);
  EXPECT_THAT(model.warnings, IsEmpty());
  EXPECT_EQ(model.part("vae").weights->names().size(), 248u);
  EXPECT_EQ(model.part("text_encoder").weights->names().size(), 196u);
}

TEST_F(SingleFile, TensorsThatNobodyTakesAreNamed) {
  PublishedCheckpoint sd1 = checkpoint("stable-diffusion-1", 4);
  sd1.tensors["embedding_manager.weight"] = counting({1});
  EXPECT_THAT(open(sd1).warnings, ElementsAre(HasSubstr("embedding_manager.weight")));
  // Inside a component they reach load_strict, which refuses them.
  sd1.tensors[kUNet + "extra.weight"] = counting({1});
  EXPECT_THAT(open(sd1).part("unet").weights->names(), Contains(kUNet + "extra.weight"));
}

TEST_F(SingleFile, RefusesWhatIsNoCheckpoint) {
  PublishedCheckpoint sd1 = checkpoint("stable-diffusion-1", 4);
  const auto without = [&](const std::string& prefix) {
    testing::Tensors rest = sd1.tensors;
    std::erase_if(rest, [&](const auto& item) { return item.first.starts_with(prefix); });
    return rest;
  };
  EXPECT_THAT(refused(without("cond_stage_model.")),
              HasSubstr("there is no text encoder in it (no tensor cond_stage_model.*)"));
  EXPECT_THAT(refused(without(kUNet)), HasSubstr("a Stable Diffusion checkpoint without its UNet"));
  sd1.tensors[kConvIn] = at::zeros({320, 12, 1, 1});
  EXPECT_THAT(refused(sd1.tensors), AllOf(HasSubstr("m.safetensors"), HasSubstr("neither")));
}

TEST_F(SingleFile, MayLackItsVae) {
  PublishedCheckpoint sd1 = checkpoint("stable-diffusion-1", 4);
  testing::Tensors vae;
  std::erase_if(sd1.tensors, [&](const auto& item) {
    if (!item.first.starts_with("first_stage_model.")) return false;
    vae.insert(item);
    return true;
  });
  const ModelFiles model = open(sd1);
  EXPECT_EQ(model.find("vae"), nullptr);
  EXPECT_THAT(refusal([&] { model.part("vae"); }),
              HasSubstr(": the model has no VAE: give one with --vae FILE, or put it beside the "
                        "model as m.vae.safetensors"));
  const auto path = folder.write("m.safetensors", encoded(sd1.tensors));
  const auto file = folder.write("other.safetensors", encoded(vae));
  EXPECT_EQ(open_model(path, {.vae = file}).part("vae").weights->names().size(), 248u);
}

TEST_F(SingleFile, HasNoVariants) {
  const auto path = folder.write("m.safetensors", encoded({{"a", counting({1})}}));
  EXPECT_THROW(open_model(path, {.variant = "fp16"}), UsageError);
}

TEST_F(SingleFile, EmaWeightsTakeThePlaceOfTheUNet) {
  PublishedCheckpoint sd1 = checkpoint("stable-diffusion-1", 4);
  const auto open_ema = [&] {
    return open_model(folder.write("m.safetensors", encoded(sd1.tensors)), {.ema = true});
  };
  EXPECT_THAT(refusal(open_ema),
              HasSubstr("m.safetensors: there is no average of the UNet (EMA weights) in it"));
  const auto rules =
      original_unet_ema_names(known_config("stable-diffusion-1/unet", "test").json());
  for (const NameRule& rule : rules) {
    sd1.tensors[rule.from] = at::full({3}, static_cast<double>(sd1.tensors.size()));
  }
  sd1.tensors["model_ema.decay"] = counting({1});
  sd1.tensors["model_ema.num_updates"] = counting({1});
  const ModelFiles model = open_ema(), plain = open(sd1);
  EXPECT_EQ(model.description, "Stable Diffusion 1.x, single file, EMA weights");
  EXPECT_EQ(model.part("unet").weights->names(), plain.part("unet").weights->names());
  EXPECT_THAT(model.warnings, IsEmpty());
  const std::string leaf = "down_blocks.0.resnets.0.norm1.weight";
  EXPECT_TRUE(at::equal(model.part("unet").weights->load(leaf),
                        sd1.tensors.at("model_ema.diffusion_modelinput_blocks10in_layers0weight")));
  EXPECT_FALSE(
      at::equal(model.part("unet").weights->load(leaf), plain.part("unet").weights->load(leaf)));

  sd1.tensors["model_ema.diffusion_modelextraweight"] = counting({1});
  EXPECT_THAT(open_ema().part("unet").weights->names(),
              Contains("model_ema.diffusion_modelextraweight"));
  sd1.tensors.erase("model_ema.diffusion_modelinput_blocks10in_layers0weight");
  EXPECT_THAT(refusal(open_ema),
              AllOf(HasSubstr("1 of the UNet's EMA weights are missing"),
                    HasSubstr("model_ema.diffusion_modelinput_blocks10in_layers0weight")));
}

TEST(OriginalEmaNames, AreAllDifferent) {
  for (const std::string family :
       {"stable-diffusion-1", "stable-diffusion-2", "stable-diffusion-x4-upscaler"}) {
    std::set<std::string> names;
    const auto rules = original_unet_ema_names(known_config(family + "/unet", "test").json());
    for (const NameRule& rule : rules) names.insert(rule.from);
    EXPECT_EQ(names.size(), rules.size()) << family;
  }
}

}  // namespace
}  // namespace velatura::weights
