#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/clip_text/clip_text_model.h"
#include "models/fixture.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {

class ClipTextParity : public ::testing::TestWithParam<std::string> {};

TEST_P(ClipTextParity, EqualsTransformers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("clip_text");
  models::ClipTextModel model(models::ClipTextConfig::read(fixture.config(GetParam())));
  randomise(model);
  const auto ids = (normal(1, {3, 20}).abs() * 1000).to(at::kLong) % 97;
  ids[0].slice(0, 13).fill_(98);
  ids[1][19].fill_(98);
  for (const int skip : fixture[GetParam()]["clip_skip"]) {
    const auto output = model.forward(ids, skip);
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
}

}  // namespace velatura::testing
