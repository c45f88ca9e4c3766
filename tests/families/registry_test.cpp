#include "families/registry.h"

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <string>

#include "velatura/error.h"

namespace velatura::families {
namespace {

using nlohmann::json;

class Registry : public ::testing::Test {
 protected:
  pipelines::LatentModel load(const std::string& name) {
    const auto files = weights::open_model(VELATURA_FIXTURES "/models/" + name);
    return load_model(files, weights::open_prior(files, {}, ""), {}, {at::kFloat, std::nullopt},
                      deaf_);
  }
  c10::InferenceMode inference_;
  Observer deaf_;
};

TEST_F(Registry, LoadsWhatAFamilyHas) {
  const auto model = load("tiny");
  EXPECT_EQ(model.traits.in_channels, 4);
  EXPECT_FALSE(model.traits.class_labels);
  EXPECT_EQ(model.traits.sample_size, 16);
  EXPECT_EQ(model.codec->latent_channels(), 4);
  EXPECT_EQ(model.codec->factor(), 2);
  EXPECT_EQ(model.scheduler.config["_class_name"], "PNDMScheduler");
  EXPECT_NE(model.conditioner, nullptr);
  EXPECT_NE(model.backbone, nullptr);
  EXPECT_EQ(model.depth_estimators->at({}), nullptr);
  EXPECT_FALSE(model.low_res);
}

TEST_F(Registry, LoadsWhatOnlySomeModelsHave) {
  const auto upscaler = load("tiny-upscale");
  EXPECT_EQ(upscaler.traits.in_channels, 7);
  EXPECT_TRUE(upscaler.traits.class_labels);
  EXPECT_TRUE(upscaler.low_res);
  EXPECT_NE(load("tiny-depth-estimator").depth_estimators->at({}), nullptr);
}

TEST_F(Registry, AnOutlineSaysWhatTheModelSays) {
  for (const char* name : {"tiny", "tiny-inpaint", "tiny-upscale", "tiny-depth-estimator",
                           "tiny-kandinsky-2-1", "tiny-kandinsky-2-2-controlnet-depth"}) {
    const auto model = load(name);
    const auto files = weights::open_model(VELATURA_FIXTURES "/models/" + std::string(name));
    const auto outline = outline_model(files, weights::open_prior(files, {}, ""), std::nullopt);
    EXPECT_EQ(outline.traits.in_channels, model.traits.in_channels) << name;
    EXPECT_EQ(outline.traits.class_labels, model.traits.class_labels) << name;
    EXPECT_EQ(outline.traits.sample_size, model.traits.sample_size) << name;
    EXPECT_EQ(outline.traits.samplers, model.traits.samplers) << name;
    EXPECT_EQ(outline.traits.follows_hint, model.traits.follows_hint) << name;
    EXPECT_EQ(outline.prior == nullptr, model.prior == nullptr) << name;
    EXPECT_EQ(outline.codec->latent_shape(32, 48), model.codec->latent_shape(32, 48)) << name;
    EXPECT_EQ(outline.scheduler.config, model.scheduler.config) << name;
    EXPECT_EQ(outline.low_res.has_value(), model.low_res.has_value()) << name;
    EXPECT_EQ(outline.depth_estimators->at({}) == nullptr,
              model.depth_estimators->at({}) == nullptr)
        << name;
  }
}

TEST_F(Registry, AnOutlineRefusesWhatTheModelRefuses) {
  const auto files = weights::open_model(VELATURA_FIXTURES "/models/tiny");
  EXPECT_THROW(outline_model(files, {}, 33), UsageError);
  PictureRequest request;
  request.clip_skip = 3;
  const auto outline = outline_model(files, {}, std::nullopt);
  EXPECT_THROW(outline.conditioner->encode(request, {32, 32}, {}, deaf_), UsageError);
  auto mixed = files;
  mixed.part("unet").weights = files.part("vae").weights;
  EXPECT_THROW(outline_model(mixed, {}, std::nullopt), InputError);
}

TEST_F(Registry, StableDiffusionRewritesTheSchedulersOfThreeTasks) {
  const auto rewrites = load("tiny").traits.scheduler_rewrites;
  const json plain{{"steps_offset", 1}, {"clip_sample", false}};
  const json inpaint{{"steps_offset", 1}, {"skip_prk_steps", true}};
  EXPECT_EQ(rewrites.text_to_image, plain);
  EXPECT_EQ(rewrites.image_to_image, plain);
  EXPECT_EQ(rewrites.inpaint, inpaint);
  EXPECT_EQ(rewrites.depth_to_image, json::object());
  EXPECT_EQ(rewrites.upscale, json::object());
}

TEST_F(Registry, KnowsNoOtherPipelines) {
  auto files = weights::open_model(VELATURA_FIXTURES "/models/tiny");
  files.pipeline_class = "FluxPipeline";
  EXPECT_THROW(load_model(files, {}, {}, {at::kFloat, std::nullopt}, deaf_), c10::Error);
}

}  // namespace
}  // namespace velatura::families
