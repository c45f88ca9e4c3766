#include "models/clip_vision/clip_vision_model.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/clip_vision/image_processor.h"
#include "models/fixture.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

class ClipVisionParity : public ::testing::TestWithParam<std::string> {};

TEST_P(ClipVisionParity, EqualsTransformers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("clip_vision");
  models::ClipVisionModel model(models::ClipVisionConfig::read(fixture.config(GetParam())));
  randomise(model);
  const std::int64_t size = model.config().image_size;
  const auto pixels = normal(1, {2, 3, size, size});
  EXPECT_TRUE(all_near(model.embed(pixels), fixture.expected(GetParam() + ".embeds"), 1e-5));
  EXPECT_TRUE(
      all_near(model.penultimate(pixels), fixture.expected(GetParam() + ".penultimate"), 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Configs, ClipVisionParity,
                         ::testing::ValuesIn(ModelFixture::names("clip_vision")), case_name);

class ClipPixels : public ::testing::TestWithParam<std::string> {};

TEST_P(ClipPixels, AreTransformersToTheBit) {
  const ModelFixture fixture("clip_pixels");
  const auto& settings = fixture[GetParam()];
  const std::int64_t height = settings["picture"][0], width = settings["picture"][1];
  const auto y = at::arange(height).view({-1, 1}), x = at::arange(width).view({1, -1});
  const auto bytes =
      at::stack({(x * 7 + y * 3).remainder(256), (x * y).remainder(256),
                 (at::floor_divide(x, 5) + at::floor_divide(y, 3)).remainder(2) * 255})
          .to(at::kByte)
          .unsqueeze(0);
  auto pixels = models::clip_pixels(bytes, settings["size"]);
  const auto expected = fixture.expected(GetParam());
  if (pixels.size(2) > 100)
    pixels = pixels.slice(2, 0, pixels.size(2), 7).slice(3, 0, pixels.size(3), 7);
  EXPECT_TRUE(at::equal(pixels, expected));
}

INSTANTIATE_TEST_SUITE_P(Pictures, ClipPixels,
                         ::testing::ValuesIn(ModelFixture::names("clip_pixels")), case_name);

TEST(ClipVisionConfig, NamesWhatIsNotSupported) {
  EXPECT_THROW(models::ClipVisionConfig::read({"c", {{"num_channels", 4}}}), InputError);
  EXPECT_THROW(models::ClipVisionConfig::read({"c", {{"patch_size", 225}}}), InputError);
  EXPECT_THROW(models::ClipVisionConfig::read({"c", {{"model_type", "siglip_vision_model"}}}),
               InputError);
  EXPECT_EQ(models::ClipVisionConfig::read({"c", nlohmann::json::object()}).tokens(), 50);
}

}  // namespace velatura::testing
