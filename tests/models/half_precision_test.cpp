// Kandinsky's networks in bfloat16: they give what they give in float32 but for its rounding.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <functional>

#include "models/fixture.h"
#include "models/multilingual_clip/multilingual_clip.h"
#include "models/prior_transformer/prior_transformer.h"
#include "models/unet/unet_2d_condition_model.h"
#include "models/vq_model/vq_model.h"
#include "support/compare.h"
#include "support/in_dtype.h"
#include "support/present.h"
#include "support/random_weights.h"

namespace velatura::testing {
namespace {

constexpr double kTolerance = 0.1;

// Compares what a network of a fixture's case gives in both types.
template <class Network, class Config>
void compare(const std::string& fixture, const std::string& name,
             const std::function<at::Tensor(const Network&, at::ScalarType)>& output) {
  c10::InferenceMode inference;
  const auto made = [&](at::ScalarType dtype) {
    Network network(Config::read(ModelFixture(fixture).config(name)));
    randomise(network);
    bring_into(network, dtype);
    const at::Tensor result = output(network, dtype);
    EXPECT_EQ(result.scalar_type(), dtype);
    return result.to(at::kFloat);
  };
  EXPECT_TRUE(all_near(made(at::kBFloat16), made(at::kFloat), kTolerance)) << name;
}

TEST(HalfPrecision, UNet) {
  const auto output = [](const models::UNet2DConditionModel& unet, at::ScalarType dtype) {
    const auto& config = unet.config();
    const bool of_text = config.encoder_hid_dim_type == models::ContextProjection::text_image;
    const layers::AttentionContext context{
        .text = of_text ? normal(2, {2, 5, config.encoder_hid_dim}).to(dtype) : at::Tensor()};
    models::TimeConditions conditions;
    conditions.image = normal(6, {2, config.image_embed_dim()}).to(dtype);
    if (of_text) conditions.pooled = normal(3, {2, config.image_embed_dim()}).to(dtype);
    const bool hinted = config.addition_embed_type == models::AdditionEmbedding::image_hint;
    if (hinted) conditions.hint = normal(7, {2, 3, 32, 64}).sigmoid().to(dtype);
    const auto channels = config.in_channels - (hinted ? models::kHintChannels : 0);
    return unet.forward(normal(1, {2, channels, 4, 8}).to(dtype), at::full({2}, 500.0), context,
                        conditions);
  };
  for (const char* name : {"kandinsky_2_1", "kandinsky_2_2", "kandinsky_2_2_hint"})
    compare<models::UNet2DConditionModel, models::UNetConfig>("unet", name, output);
}

TEST(HalfPrecision, VqModel) {
  compare<models::VqModel, models::VqConfig>(
      "vq_model", "movq_layout", [](const models::VqModel& model, at::ScalarType dtype) {
        const auto latents = model.encode(normal(1, {1, 3, 16, 16}).to(dtype));
        return at::cat({latents.flatten(), model.decode(latents).flatten()});
      });
}

TEST(HalfPrecision, PriorTransformer) {
  compare<models::PriorTransformer, models::PriorConfig>(
      "prior_transformer", "kandinsky_layout",
      [](const models::PriorTransformer& prior, at::ScalarType dtype) {
        return prior.forward(normal(1, {2, 20}).to(dtype), at::full({2}, 431.0),
                             {.hidden = normal(3, {2, 7, 20}).to(dtype),
                              .pooled = normal(2, {2, 20}).to(dtype),
                              .mask = present({7, 3}, 7)});
      });
}

TEST(HalfPrecision, MultilingualClip) {
  compare<models::MultilingualClip, models::MultilingualClipConfig>(
      "multilingual_clip", "kandinsky_layout",
      [](const models::MultilingualClip& model, at::ScalarType) {
        const auto ids = (at::arange(18).view({2, 9}) * 7).remainder(46) + 4;
        const auto [hidden, pooled] = model.forward(ids, present({9, 4}, 9));
        return at::cat({hidden.flatten(), pooled.flatten()});
      });
}

}  // namespace
}  // namespace velatura::testing
