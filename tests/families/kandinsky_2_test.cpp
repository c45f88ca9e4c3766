#include "families/kandinsky_2.h"

#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "families/kandinsky_prior.h"
#include "families/registry.h"
#include "velatura/error.h"

namespace velatura::families {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

weights::ModelFiles opened(const std::string& name) {
  return weights::open_model(VELATURA_FIXTURES "/models/" + name);
}

// What a model is refused with, and its prior, changed in between.
std::string refusal(weights::ModelFiles files, const auto& change) {
  const c10::InferenceMode inference;
  weights::PriorFiles prior = weights::open_prior(files, {}, "");
  change(files, prior);
  try {
    outline_model(files, prior, std::nullopt);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

ConfigObject& config_of(weights::ModelFiles& files, const std::string& role) {
  return files.part(role).config;
}

TEST(Kandinsky2, PartsMustFitTogether) {
  const std::string decoder = "tiny-kandinsky-2-2-decoder", prompted = "tiny-kandinsky-2-1";
  EXPECT_EQ(refusal(opened(decoder), [](auto&, auto&) {}), "");
  EXPECT_EQ(refusal(opened(prompted), [](auto&, auto&) {}), "");
  EXPECT_THAT(refusal(opened(decoder),
                      [&](auto& files, auto&) { files.put(opened(prompted).part("unet")); }),
              HasSubstr("does not go with a KandinskyV22Pipeline, expected \"image or image_hint"));
  EXPECT_THAT(refusal(opened(prompted),
                      [&](auto& files, auto&) { files.put(opened(decoder).part("unet")); }),
              HasSubstr("does not go with a KandinskyPipeline, expected \"text_image\""));
  EXPECT_THAT(refusal(opened(prompted),
                      [](auto& files, auto&) {
                        auto& text = config_of(files, "text_encoder");
                        text = text.with("numDims", 12);
                      }),
              HasSubstr("the text encoder gives 24 and 12 numbers, but the UNet takes 24 and 16"));
  EXPECT_THAT(
      refusal(opened("tiny"), [&](auto& files, auto&) { files.put(opened(decoder).part("unet")); }),
      HasSubstr("is of a UNet for Kandinsky's pipelines"));
}

TEST(Kandinsky2, PriorsMustFitTheModel) {
  const auto with = [](const std::string& role, const std::string& key, int value) {
    return refusal(opened("tiny-kandinsky-2-2-decoder"), [&](auto&, auto& prior) {
      auto& config = config_of(*prior.files, role);
      config = config.with(key, value);
    });
  };
  EXPECT_THAT(with("prior", "embedding_dim", 12), HasSubstr("embedding_dim is 12, expected 16"));
  EXPECT_THAT(with("text_encoder", "projection_dim", 8), HasSubstr("projection_dim is 8"));
  EXPECT_THAT(with("image_encoder", "projection_dim", 8), HasSubstr("projection_dim is 8"));
  EXPECT_THAT(with("prior", "num_embeddings", 20),
              HasSubstr("max_position_embeddings is 24, expected 20"));
  EXPECT_THAT(refusal(opened("tiny-kandinsky-2-2-decoder"),
                      [](auto&, auto& prior) {
                        auto& config = prior.files->configs.at("image_processor");
                        config = config.with("crop_size", 14);
                      }),
              HasSubstr("crop_size is 14, but the image encoder takes pictures of 28 pixels"));
}

TEST(Kandinsky2, ItemsWithoutAWeightShareWhatIsLeft) {
  const auto item = [](std::optional<double> weight) {
    return MixItem{.text = "a", .image = {}, .weight = weight};
  };
  EXPECT_THAT(shares_of({item({}), item({})}), ElementsAre(0.5, 0.5));
  EXPECT_THAT(shares_of({item({}), item(0.5), item({})}), ElementsAre(0.25, 0.5, 0.25));
  EXPECT_THAT(shares_of({item(2.0), item(-1.0)}), ElementsAre(2.0, -1.0));
  EXPECT_THROW(shares_of({item(1.0), item({})}), UsageError);
}

TEST(Kandinsky2, ClipsPicturesAreSquareAndCutFromTheMiddle) {
  const auto read = [](nlohmann::json json) { return ClipPicture::read({"p", std::move(json)}); };
  EXPECT_EQ(read(nlohmann::json::object()).crop, 224);
  const auto small =
      read({{"size", {{"shortest_edge", 28}}}, {"crop_size", {{"height", 14}, {"width", 14}}}});
  EXPECT_EQ(small.shortest_edge, 28);
  EXPECT_EQ(small.crop, 14);
  for (const nlohmann::json& json : {nlohmann::json{{"crop_size", {{"height", 14}, {"width", 15}}}},
                                     {{"crop_size", 300}},
                                     {{"do_resize", false}},
                                     {{"resample", 2}},
                                     {{"image_std", {1.0, 0.0, 1.0}}},
                                     {{"image_mean", {1.0}}},
                                     {{"rescale_factor", 0.5}}}) {
    EXPECT_THROW(read(json), InputError) << json;
  }
}

}  // namespace
}  // namespace velatura::families
