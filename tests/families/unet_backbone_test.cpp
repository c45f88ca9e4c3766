#include "families/unet_backbone.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "support/random_weights.h"

namespace velatura::testing {
namespace {

std::shared_ptr<models::UNet2DConditionModel> small_unet(at::ScalarType dtype) {
  const auto unet = std::make_shared<models::UNet2DConditionModel>(
      models::UNetConfig::read(ModelFixture("unet").config("upscale")));
  randomise(*unet);
  for (auto& [name, value] : unet->parameters()) value.set_data(value.to(dtype));
  return unet;
}

TEST(UNetBackbone, WorksInTheDtypeOfItsConditioning) {
  const c10::InferenceMode inference;
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    const auto unet = small_unet(dtype);
    const auto& config = unet->config();
    const pipelines::BackboneInput input{
        .latents = normal(1, {2, config.in_channels, 8, 8}),
        .timesteps = at::tensor({981.25F, 981.25F}),
        .class_labels = at::tensor({20, 20}, at::kLong),
        .conditioning = {normal(2, {2, 5, config.levels[0].cross_attention_dim}).to(dtype)}};
    const auto found = families::UNetBackbone(unet).predict(input);
    EXPECT_EQ(found.scalar_type(), at::kFloat);
    const auto expected =
        small_unet(dtype)->forward(input.latents.to(dtype), input.timesteps,
                                   {input.conditioning.context}, {input.class_labels});
    EXPECT_TRUE(at::equal(found, expected.to(at::kFloat)));
  }
}

}  // namespace
}  // namespace velatura::testing
