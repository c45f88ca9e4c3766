#include "models/multilingual_clip/multilingual_clip.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "support/compare.h"
#include "support/present.h"
#include "support/random_weights.h"

namespace velatura::testing {

class MultilingualClipParity : public ::testing::TestWithParam<std::string> {};

TEST_P(MultilingualClipParity, EqualsDiffusers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("multilingual_clip");
  models::MultilingualClip model(models::MultilingualClipConfig::read(fixture.config(GetParam())));
  randomise(model);
  const auto mask = present(fixture[GetParam()]["present"].get<std::vector<std::int64_t>>(), 9);
  auto ids = (normal(1, {2, 9}).abs() * 1000).to(at::kLong).remainder(46) + 4;
  ids.select(0, 0).select(0, 2).fill_(1);  // as a text that says "<pad>" has it
  ids = at::where(mask, ids, 1);
  const auto [hidden, pooled] = model.forward(ids, mask);
  EXPECT_TRUE(all_near(pooled, fixture.expected(GetParam() + ".pooled"), 1e-5));
  EXPECT_TRUE(all_near(hidden, fixture.expected(GetParam() + ".hidden"), 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Configs, MultilingualClipParity,
                         ::testing::ValuesIn(ModelFixture::names("multilingual_clip")), case_name);

TEST(MultilingualClipConfig, NamesWhatIsNotSupported) {
  const auto message = [](const nlohmann::json& json) -> std::string {
    try {
      models::MultilingualClipConfig::read({"text_encoder/config.json", json});
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({{"hidden_act", "relu"}}),
            "text_encoder/config.json: hidden_act is \"relu\", expected \"gelu\" (not supported "
            "yet)");
  EXPECT_EQ(message({{"model_type", "bert"}}),
            "text_encoder/config.json: model_type is \"bert\", expected \"M-CLIP\" or "
            "\"xlm-roberta\"");
  EXPECT_EQ(message({{"transformerDimensions", 1024}}),
            "text_encoder/config.json: transformerDimensions is 1024, expected hidden_size, 768");
  EXPECT_EQ(message({{"num_attention_heads", 7}}),
            "text_encoder/config.json: hidden_size is absent, expected a multiple of "
            "num_attention_heads");
  EXPECT_EQ(message({{"new", 1}}), "text_encoder/config.json: not supported: new = 1");
}

}  // namespace velatura::testing
