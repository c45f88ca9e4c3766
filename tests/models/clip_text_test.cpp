#include "models/clip_text/clip_text_model.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <memory>

#include "models/fixture.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {
namespace {

std::unique_ptr<models::ClipTextModel> make(const ConfigObject& config, bool projected) {
  std::unique_ptr<models::ClipTextModel> model;
  if (projected) {
    model = std::make_unique<models::ClipTextModelWithProjection>(
        models::ClipTextProjectionConfig::read(config));
  } else {
    model = std::make_unique<models::ClipTextModel>(models::ClipTextConfig::read(config));
  }
  randomise(*model);
  return model;
}

}  // namespace

class ClipTextParity : public ::testing::TestWithParam<std::string> {};

TEST_P(ClipTextParity, EqualsTransformers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("clip_text");
  const bool projected = fixture[GetParam()].value("projected", false);
  const auto model = make(fixture.config(GetParam()), projected);
  const auto ids = (normal(1, {3, 20}).abs() * 1000).to(at::kLong) % 97;
  ids[0].slice(0, 13).fill_(98);
  ids[1][19].fill_(98);
  for (const int skip : fixture[GetParam()]["clip_skip"]) {
    // Where there is a projection, the hidden states are looked at without the final norm.
    const auto output = model->forward(ids, {.left_out = skip, .final_norm = !projected});
    EXPECT_TRUE(all_near(output.hidden,
                         fixture.expected(GetParam() + ".skip" + std::to_string(skip)), 1e-5))
        << "clip_skip " << skip;
    EXPECT_TRUE(all_near(output.pooled, fixture.expected(GetParam() + ".pooled"), 1e-5))
        << "clip_skip " << skip;
  }
}

INSTANTIATE_TEST_SUITE_P(Configs, ClipTextParity,
                         ::testing::ValuesIn(ModelFixture::names("clip_text")), case_name);

TEST(ClipTextConfig, NamesWhatIsNotSupported) {
  EXPECT_THROW(models::ClipTextConfig::read({"c", {{"hidden_act", "relu"}}}), InputError);
  EXPECT_THROW(models::ClipTextConfig::read({"c", {{"num_attention_heads", 7}}}), InputError);
  EXPECT_THROW(models::ClipTextConfig::read({"c", {{"rope_theta", 1.0}}}), InputError);
  EXPECT_THROW(models::ClipTextProjectionConfig::read({"c", {{"projection_dim", 0}}}), InputError);
}

}  // namespace velatura::testing
