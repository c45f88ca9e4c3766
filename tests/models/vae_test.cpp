#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "models/vae/autoencoder_kl.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

class VaeParity : public ::testing::TestWithParam<std::string> {};

TEST_P(VaeParity, EqualsDiffusers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("vae");
  models::AutoencoderKL vae(models::VaeConfig::read(fixture.config(GetParam())));
  randomise(vae);
  const std::int64_t height = fixture[GetParam()]["size"][0],
                     width = fixture[GetParam()]["size"][1];
  const auto factor = vae.config().factor();

  const auto posterior = vae.encode(normal(1, {2, 3, factor * height / 2, factor * width / 2}));
  EXPECT_TRUE(all_near(posterior.mean, fixture.expected(GetParam() + ".mean"), 1e-5));
  EXPECT_TRUE(
      all_near(posterior.log_variance, fixture.expected(GetParam() + ".log_variance"), 1e-5));

  const auto latents = normal(2, {2, vae.config().latent_channels, height / 2, width / 2});
  EXPECT_TRUE(all_near(vae.decode(latents), fixture.expected(GetParam() + ".decoded"), 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Configs, VaeParity, ::testing::ValuesIn(ModelFixture::names("vae")),
                         case_name);

TEST(VaeConfig, NamesWhatIsNotSupported) {
  EXPECT_THROW(models::VaeConfig::read({"vae", {{"act_fn", "relu"}}}), InputError);
  EXPECT_THROW(models::VaeConfig::read({"vae", {{"latents_mean", {0.0}}, {"latents_std", {1.0}}}}),
               InputError);
  EXPECT_THROW(
      models::VaeConfig::read(
          {"vae", {{"latents_mean", {0.0, 0.0, 0.0, 0.0}}, {"latents_std", {1.0, 1.0, 0.0, 1.0}}}}),
      InputError);
  EXPECT_THROW(models::VaeConfig::read({"vae", {{"block_out_channels", {30}}}}), InputError);
  EXPECT_THROW(models::VaeConfig::read({"vae", {{"down_block_types", {"AttnDownEncoderBlock2D"}}}}),
               InputError);
}

}  // namespace velatura::testing
