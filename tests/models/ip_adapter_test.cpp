#include "models/ip_adapter/ip_adapter.h"

#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

using models::IpAdapterConfig;
using models::PictureProjection;

namespace {

// As the fixture's file has it.
IpAdapterConfig config_of(const std::string& kind) {
  IpAdapterConfig config{
      .image_dim = 16, .cross_attention_dim = 32, .tokens = 4, .attention_widths = {}};
  if (kind == "resampler") {
    config.projection = PictureProjection::resampler;
    config.tokens = 6;
    config.hidden_dim = 24;
    config.attention_dim = 128;
    config.feed_forward_dim = 96;
    config.layers = 4;
  }
  if (kind == "full") config.projection = PictureProjection::full;
  return config;
}

}  // namespace

class ImageProjectionParity : public ::testing::TestWithParam<std::string> {};

TEST_P(ImageProjectionParity, EqualsDiffusers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("image_projection");
  models::IpAdapter adapter(config_of(GetParam()));
  randomise(adapter);
  const auto features = GetParam() == "base" ? normal(1, {2, 16}) : normal(1, {2, 10, 16});
  EXPECT_TRUE(all_near(adapter.tokens(features), fixture.expected(GetParam()), 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Kinds, ImageProjectionParity,
                         ::testing::ValuesIn(ModelFixture::names("image_projection")), case_name);

}  // namespace velatura::testing
