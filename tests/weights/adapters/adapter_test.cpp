#include "weights/adapters/adapter.h"

#include <ATen/ATen.h>

#include "weights/files.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using testing::encoded;
using testing::Folder;
using testing::refusal;
using testing::Tensors;

constexpr std::int64_t kWidth = 768;  // of the text

/// A few layers of a model, as a network declares them.
class Adapters : public ::testing::Test {
 protected:
  Adapters() {
    const auto shape = [](at::IntArrayRef sizes) { return at::empty({1}).expand(sizes); };
    const std::string block = "down_blocks.0.attentions.0.transformer_blocks.0.";
    layers_.add_unet({{"conv_in.weight", shape({320, 9, 3, 3})},
                      {"conv_in.bias", shape({320})},
                      {"down_blocks.0.resnets.0.norm1.weight", shape({320})},
                      {"down_blocks.0.resnets.0.norm1.bias", shape({320})},
                      {block + "attn1.to_q.weight", shape({320, 320})},
                      {block + "attn2.to_k.weight", shape({320, kWidth})}},
                     nlohmann::json::object());
    layers_.add_text_encoder(
        "text_encoder",
        {{"text_model.encoder.layers.0.self_attn.q_proj.weight", shape({kWidth, kWidth})},
         {"text_model.encoder.layers.0.self_attn.q_proj.bias", shape({kWidth})}});
  }

  Adapter open(const Tensors& tensors, const std::map<std::string, std::string>& metadata = {}) {
    return {folder_.write("a.safetensors", encoded(tensors, metadata)), layers_};
  }
  /// What is said behind the file's name.
  std::string refused(const Tensors& tensors,
                      const std::map<std::string, std::string>& metadata = {}) {
    const std::string text = refusal([&] { open(tensors, metadata); });
    const std::string begin = (folder_ / "a.safetensors").string() + ": ";
    EXPECT_TRUE(text.starts_with(begin)) << text;
    return text.substr(std::min(begin.size(), text.size()));
  }

  static Tensors low_rank(const std::string& stem, std::int64_t out, std::int64_t in,
                          std::int64_t rank = 2) {
    return {{stem + ".lora_down.weight", at::ones({rank, in})},
            {stem + ".lora_up.weight", at::ones({out, rank})}};
  }
  static Tensors joined(Tensors a, const Tensors& b) {
    a.insert(b.begin(), b.end());
    return a;
  }

  const std::string to_q_ = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  const std::string to_k_ = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
  AdaptedLayers layers_;
  Folder folder_;
};

TEST_F(Adapters, KnowsWhichNetworksItChanges) {
  EXPECT_TRUE(open(low_rank(to_q_, 320, 320)).changes("unet"));
  EXPECT_FALSE(open(low_rank(to_q_, 320, 320)).changes("text_encoder"));
  const std::string q_proj = "lora_te_text_model_encoder_layers_0_self_attn_q_proj";
  EXPECT_TRUE(open(low_rank(q_proj, kWidth, kWidth)).changes("text_encoder"));
}

TEST_F(Adapters, FindsAllBlocksOfTheOriginalLayout) {
  EXPECT_TRUE(open(low_rank("lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q", 320, 320))
                  .changes("unet"));
}

TEST_F(Adapters, LeavesOutLayersOfScaleZero) {
  const Adapter adapter = open(joined(low_rank(to_q_, 320, 320), low_rank(to_k_, 320, kWidth)));
  const auto only_self = [](const std::string& layer) {
    return layer.ends_with("attn1.to_q") ? 1.0 : 0.0;
  };
  const auto patches = adapter.patches("unet", only_self);
  ASSERT_EQ(patches.size(), 1u);
  EXPECT_EQ(patches[0].name, "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight");
}

TEST_F(Adapters, NamesEveryKeyOfNoLayer) {
  Tensors tensors = low_rank(to_q_, 320, 320);
  std::string expected = "does not fit the model: keys of no layer (14): ";
  for (int i = 10; i < 24; ++i) {
    const std::string key = "lora_unet_elsewhere_" + std::to_string(i) + ".lora_up.weight";
    tensors[key] = at::ones({1});
    expected += (i == 10 ? "" : ", ") + key;
  }
  EXPECT_EQ(refused(tensors), expected);
}

TEST_F(Adapters, RefusesWhatIsNoFactorAtAll) {
  EXPECT_EQ(refused(joined(low_rank(to_q_, 320, 320), {{"something", at::ones({1})}})),
            "does not fit the model: keys of no layer (1): something");
  EXPECT_EQ(refused(joined(low_rank(to_q_, 320, 320), {{to_q_ + ".diff_b", at::ones({320})}})),
            "does not fit the model: keys of no layer (1): " + to_q_ + ".diff_b");
}

TEST_F(Adapters, NamesEveryWrongShape) {
  Tensors tensors = joined(low_rank(to_q_, 320, 640), low_rank(to_k_, 640, kWidth));
  EXPECT_EQ(refused(tensors), "does not fit the model: wrong (2): " + to_q_ +
                                  ".lora_down.weight is [2, 640], expected [2, 320], " + to_k_ +
                                  ".lora_up.weight is [640, 2], expected [320, 2]");
}

TEST_F(Adapters, NamesWhatIsMissingBesideAFactor) {
  EXPECT_EQ(
      refused({{to_q_ + ".lora_down.weight", at::ones({2, 320})}}),
      "does not fit the model: wrong (1): " + to_q_ + ".lora_down.weight has no up beside it");
  EXPECT_EQ(refused(joined(low_rank(to_k_, 320, kWidth), {{to_q_ + ".alpha", at::ones({})}})),
            "does not fit the model: wrong (1): " + to_q_ + ".alpha has no factors beside it");
  EXPECT_EQ(
      refused({{to_q_ + ".hada_w1_a", at::ones({320, 2})},
               {to_q_ + ".hada_w1_b", at::ones({2, 320})},
               {to_q_ + ".hada_w2_a", at::ones({320, 2})}}),
      "does not fit the model: wrong (1): " + to_q_ + ".hada_w1_a has no hada_w2_b beside it");
  EXPECT_EQ(refused({{to_q_ + ".lokr_w1", at::ones({2, 2})}}),
            "does not fit the model: wrong (1): " + to_q_ +
                ".lokr_w1 has no lokr_w2, or lokr_w2_a and lokr_w2_b, beside it");
}

TEST_F(Adapters, RefusesTwoKeysForOneFactor) {
  EXPECT_EQ(refused(joined(low_rank(to_q_, 320, 320),
                           {{"unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_"
                             "A.weight",
                             at::ones({2, 320})}})),
            "several keys for the same factor (1): " + to_q_ +
                ".lora_down.weight and "
                "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight");
}

TEST_F(Adapters, SaysForWhichModelItIs) {
  EXPECT_EQ(refused(low_rank(to_k_, 320, 1024)),
            "is made for Stable Diffusion 2.x (" + to_k_ +
                ".lora_down.weight is [2, 1024]), the model is Stable Diffusion 1.x");
  EXPECT_EQ(refused(low_rank("lora_te2_text_model_encoder_layers_0_mlp_fc1", 8, 8)),
            "is made for Stable Diffusion XL (lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_"
            "down.weight tells a second text encoder), the model is Stable Diffusion 1.x");
  EXPECT_EQ(refused(low_rank("lora_unet_double_blocks_0_img_attn_proj", 8, 8)),
            "is made for Flux (lora_unet_double_blocks_0_img_attn_proj.lora_down.weight tells "
            "blocks of Flux), the model is Stable Diffusion 1.x");
}

TEST_F(Adapters, RefusesKindsThatAreNotSupportedByName) {
  const Tensors good = low_rank(to_q_, 320, 320);
  EXPECT_EQ(refused(joined(good, {{to_k_ + ".oft_blocks", at::ones({2, 2, 2})}})),
            "holds what is not supported: OFT (1): " + to_k_ + ".oft_blocks");
  EXPECT_EQ(refused(joined(good, {{to_k_ + ".on_input", at::ones({})}})),
            "holds what is not supported: (IA)³ (1): " + to_k_ + ".on_input");
  EXPECT_EQ(
      refused(joined(good, {{to_k_ + ".a1.weight", at::ones({2, 2})},
                            {to_k_ + ".b1.weight", at::ones({2, 2})}})),
      "holds what is not supported: GLoRA (2): " + to_k_ + ".a1.weight, " + to_k_ + ".b1.weight");
  EXPECT_EQ(refused({{"ip_adapter.1.to_q_lora.down.weight", at::ones({2, 320})}}),
            "holds what is not supported: an IP-Adapter's attention (FaceID) (1): "
            "ip_adapter.1.to_q_lora.down.weight");
  EXPECT_EQ(refused(joined(good, {{"bundle_emb.word.string_to_param.*", at::ones({1, 768})}})),
            "holds what is not supported: embeddings bundled with a LoRA (1): "
            "bundle_emb.word.string_to_param.*");
}

TEST_F(Adapters, SaysWhatAnotherKindOfFileIs) {
  EXPECT_EQ(refused({{"emb_params", at::ones({2, 768})}}),
            "is a textual inversion embedding; expected a LoRA or one of its relatives: "
            "--embedding takes such a file");
  EXPECT_EQ(refused({{"anything", at::ones({2})}}),
            "expected a LoRA or one of its relatives, found tensors of no known kind: anything");
}

TEST_F(Adapters, RefuseWhatIsNotFiniteWhenItIsUsed) {
  Tensors tensors = low_rank(to_q_, 320, 320);
  tensors.at(to_q_ + ".lora_up.weight")[3][1] = NAN;
  const auto patches = open(tensors).patches("unet", [](const std::string&) { return 1.0; });
  at::Tensor sum = at::zeros({320, 320});
  EXPECT_EQ(refusal([&] { patches.at(0).add(sum, sum); }),
            (folder_ / "a.safetensors").string() + ": " + to_q_ +
                ".lora_up.weight holds what is not finite");
}

TEST_F(Adapters, ReadsTheScaleBesideWhatPeftSaves) {
  const auto delta = [&](const std::string& config) {
    folder_.write("adapter_config.json", config);
    const std::string stem =
        "base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.";
    const auto file = folder_.write("adapter_model.safetensors",
                                    encoded({{stem + "lora_A.weight", at::ones({4, 320})},
                                             {stem + "lora_B.weight", at::ones({320, 4})}}));
    at::Tensor sum = at::zeros({320, 320});
    Adapter(file, layers_).patches("unet", [](const std::string&) { return 1.0; })[0].add(sum, sum);
    return sum[7][9].item<float>();
  };
  EXPECT_EQ(delta("{}"), 4);
  EXPECT_EQ(delta(R"({"peft_type": "LORA", "r": 4, "lora_alpha": 8})"), 8);
  EXPECT_EQ(delta(R"({"lora_alpha": 8, "use_rslora": true})"), 16);
  EXPECT_EQ(delta(R"({"lora_alpha": 8, "alpha_pattern": {"attn1.to_q": 2}})"), 2);
  EXPECT_NE(refusal([&] {
              delta(R"({"lora_alpha": []})");
            }).find("adapter_config.json: lora_alpha is [], expected a number"),
            std::string::npos);
}

TEST_F(Adapters, RefusesAScaleThatCannotBeRead) {
  const auto with = [&](const std::string& json) {
    return refused(low_rank(to_q_, 320, 320), {{"lora_adapter_metadata", json}});
  };
  EXPECT_EQ(with("["), "metadata lora_adapter_metadata: expected a JSON object");
  EXPECT_EQ(with(R"({"unet.lora_alpha": "x"})"),
            "metadata lora_adapter_metadata: unet.lora_alpha is \"x\", expected a number");
  EXPECT_EQ(with(R"({"unet.alpha_pattern": {"^to_q$": 1}})"),
            "metadata lora_adapter_metadata: alpha_pattern '^to_q$' is a regular expression, "
            "expected the end of a layer's name");
}

}  // namespace
}  // namespace velatura::weights
