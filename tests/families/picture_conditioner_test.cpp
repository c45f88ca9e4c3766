#include "families/picture_conditioner.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "families/grounding_conditioner.h"
#include "families/registry.h"
#include "support/compare.h"
#include "support/fixture_models.h"
#include "support/random_weights.h"
#include "velatura/error.h"

namespace velatura::families {
namespace {

using velatura::testing::kModels;
const std::filesystem::path kAdapters = kModels + "tiny-ip-adapter";

Image picture(int width, int height, int seed) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height * 3; ++i) {
    image.pixels.push_back(static_cast<std::uint8_t>(i * seed));
  }
  return image;
}

class Pictures : public ::testing::Test {
 protected:
  pipelines::PromptConditioning told(const PictureRequest& request) {
    return model_.conditioner->encode(request, {32, 32}, {}, deaf_);
  }
  static PictureRequest request(const std::string& adapter, int seed = 3) {
    PictureRequest request;
    request.picture_prompts = {
        {.adapter = kAdapters / adapter, .image = picture(40, 30, seed), .scale = 0.5}};
    return request;
  }

  c10::InferenceMode inference_;
  Observer deaf_;
  pipelines::LatentModel model_ =
      load_model(weights::open_model(kModels + "tiny"), {}, {}, {at::kFloat, std::nullopt}, deaf_);
};

TEST_F(Pictures, AreKeysForEveryCrossAttention) {
  const auto [prompt, negative] = told(request("ip-base.safetensors"));
  ASSERT_EQ(prompt.pictures.size(), 1u);
  EXPECT_EQ(prompt.pictures[0].scale, 0.5);
  std::vector<std::int64_t> widths;
  for (const auto& key : prompt.pictures[0].keys) widths.push_back(key.size(2));
  EXPECT_EQ(widths, (std::vector<std::int64_t>{8, 8, 8, 16}));
  EXPECT_EQ(prompt.pictures[0].keys[0].size(1), 4);
  ASSERT_EQ(negative.pictures.size(), 1u);
  EXPECT_FALSE(at::equal(negative.pictures[0].keys[0], prompt.pictures[0].keys[0]));
  const auto other = told(request("ip-base.safetensors", 5));
  EXPECT_FALSE(at::equal(other.prompt.pictures[0].keys[0], prompt.pictures[0].keys[0]));
  EXPECT_TRUE(at::equal(other.negative_prompt.pictures[0].keys[0], negative.pictures[0].keys[0]));
}

TEST_F(Pictures, SeveralOfOneAdapterAreOneBehindTheOther) {
  auto both = request("ip-plus.bin");
  both.picture_prompts.push_back({.adapter = {}, .image = picture(20, 50, 7)});
  const auto first = told(request("ip-plus.bin")).prompt.pictures[0].keys[3];
  const auto keys = told(both).prompt.pictures[0].keys[3];
  EXPECT_EQ(keys.size(1), 2 * first.size(1));
  EXPECT_TRUE(testing::all_near(keys.narrow(1, 0, first.size(1)), first, 1e-6));
}

TEST_F(Pictures, WithoutGuidanceThereIsNoNegative) {
  auto plain = request("ip-base.safetensors");
  plain.guidance_scale = 1.0;
  EXPECT_TRUE(told(plain).negative_prompt.pictures.empty());
  EXPECT_EQ(told(plain).prompt.pictures.size(), 1u);
}

TEST_F(Pictures, TheEncoderIsBesideTheAdapterOrGiven) {
  auto given = request("ip-base.safetensors");
  given.image_encoder = kAdapters / "image_encoder/model.safetensors";
  EXPECT_TRUE(at::equal(told(given).prompt.pictures[0].keys[0],
                        told(request("ip-base.safetensors")).prompt.pictures[0].keys[0]));
  const auto files = find_picture_files("elsewhere/ip.safetensors", given, "model");
  EXPECT_EQ(files.image_encoder, given.image_encoder);
  EXPECT_THROW(find_picture_files("elsewhere/ip.safetensors", {}, kModels + "tiny"), InputError);
  EXPECT_EQ(find_picture_files("elsewhere/ip.safetensors", {}, kAdapters).image_encoder,
            kAdapters / "image_encoder");
}

TEST_F(Pictures, WhatDoesNotFitIsRefusedBeforeWeightsAreRead) {
  const auto refusal = [](const std::string& model, const PictureRequest& request) -> std::string {
    Observer deaf;
    const auto outline = outline_model(weights::open_model(kModels + model), {}, std::nullopt);
    try {
      outline.conditioner->encode(request, {32, 32}, {}, deaf);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal("tiny", request("ip-base.safetensors")), "");
  EXPECT_EQ(refusal("tiny", request("ip-plus.bin")), "");
  // Of a UNet as Stable Diffusion 1.x has it.
  const auto sd1 = models::UNetConfig::read({"unet", {{"cross_attention_dim", 768}}});
  const PictureFiles files{kAdapters / "ip-base.safetensors", kAdapters / "image_encoder"};
  try {
    open_picture_parts(files, sd1);
    ADD_FAILURE() << "was accepted";
  } catch (const InputError& error) {
    EXPECT_EQ(error.what(), files.adapter.string() +
                                ": is an IP-Adapter for a UNet with 4 cross-attention layers and a "
                                "text 16 wide, but this model has a UNet with 16 cross-attention "
                                "layers and a text 768 wide");
  }
  auto other = request("ip-base.safetensors");
  other.image_encoder = kAdapters / "ip-plus.bin";
  EXPECT_NE(refusal("tiny", other).find("is an IP-Adapter; expected a CLIP image encoder"),
            std::string::npos);
}

TEST(Groundings, AreObjectsForTheUNet) {
  c10::InferenceMode inference;
  Observer deaf;
  models::ClipTextConfig text;
  text.vocab_size = 49408;
  text.hidden_size = 16;
  text.intermediate_size = 24;
  text.num_hidden_layers = 2;
  text.num_attention_heads = 2;
  const auto encoder = std::make_shared<models::ClipTextModel>(text);
  testing::randomise(*encoder);
  const auto unet = std::make_shared<models::UNet2DConditionModel>(models::UNetConfig::read(
      {"unet", nlohmann::json{{"block_out_channels", {32, 32}},
                              {"down_block_types", {"CrossAttnDownBlock2D", "DownBlock2D"}},
                              {"up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D"}},
                              {"layers_per_block", 1},
                              {"cross_attention_dim", 16},
                              {"attention_type", "gated"}}}));
  testing::randomise(*unet);
  GroundingConditioner conditioner(
      std::make_unique<ClipConditioner>(
          tokenizer::ClipTokenizer::from_folder(kModels + "tiny/tokenizer"), encoder, at::kCPU),
      unet);
  PictureRequest request;
  EXPECT_FALSE(conditioner.encode(request, {32, 32}, {}, deaf).prompt.objects.defined());
  request.groundings = {{.phrase = "a cat", .left = 0.1, .top = 0.2, .right = 0.5, .bottom = 0.6}};
  const auto [prompt, negative] = conditioner.encode(request, {32, 32}, {}, deaf);
  EXPECT_EQ(prompt.objects.sizes(), (at::IntArrayRef{1, 30, 16}));
  // Nothing is the same everywhere, with the negative prompt and behind the objects.
  const auto nothing = negative.objects.select(1, 0);
  EXPECT_TRUE(testing::all_near(negative.objects, nothing.unsqueeze(1).expand({1, 30, 16}), 1e-6));
  EXPECT_TRUE(testing::all_near(prompt.objects.select(1, 1), nothing, 1e-6));
  EXPECT_FALSE(testing::all_near(prompt.objects.select(1, 0), nothing, 1e-3));
  request.guidance_scale = 1.0;
  EXPECT_FALSE(conditioner.encode(request, {32, 32}, {}, deaf).negative_prompt.objects.defined());
  request.groundings.resize(31, request.groundings[0]);
  EXPECT_THROW(conditioner.encode(request, {32, 32}, {}, deaf), UsageError);
}

TEST(Groundings, NeedAModelForThem) {
  PictureRequest request;
  const models::UNetConfig plain;
  EXPECT_NO_THROW(check_groundings(plain, request));
  request.groundings = {{.phrase = "a cat"}};
  EXPECT_THROW(check_groundings(plain, request), UsageError);
}

}  // namespace
}  // namespace velatura::families
