#include "models/prior_transformer/prior_transformer.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "support/compare.h"
#include "support/present.h"
#include "support/random_weights.h"

namespace velatura::testing {

class PriorParity : public ::testing::TestWithParam<std::string> {};

TEST_P(PriorParity, EqualsDiffusers) {
  c10::InferenceMode inference;
  const ModelFixture fixture("prior_transformer");
  models::PriorTransformer prior(models::PriorConfig::read(fixture.config(GetParam())));
  randomise(prior);
  const std::int64_t dim = prior.config().embedding_dim, tokens = prior.config().num_embeddings;
  const models::PriorTransformer::Text text{
      .hidden = normal(3, {2, tokens, dim}),
      .pooled = normal(2, {2, dim}),
      .mask = present(fixture[GetParam()]["present"].get<std::vector<std::int64_t>>(), tokens)};
  const auto predicted = prior.forward(normal(1, {2, dim}), at::full({2}, 431.0), text);
  EXPECT_TRUE(all_near(predicted, fixture.expected(GetParam() + ".predicted"), 1e-5));
  EXPECT_TRUE(all_near(prior.denormalised(predicted),
                       fixture.expected(GetParam() + ".denormalised"), 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Configs, PriorParity,
                         ::testing::ValuesIn(ModelFixture::names("prior_transformer")), case_name);

TEST(PriorTransformer, DoesNotLookAtPadding) {
  c10::InferenceMode inference;
  models::PriorTransformer prior(
      models::PriorConfig::read(ModelFixture("prior_transformer").config("kandinsky_layout")));
  randomise(prior);
  models::PriorTransformer::Text text{
      .hidden = normal(3, {1, 7, 20}), .pooled = normal(2, {1, 20}), .mask = present({4}, 7)};
  const auto predict = [&] { return prior.forward(normal(1, {1, 20}), at::full({1}, 8.0), text); };
  const auto before = predict();
  text.hidden = text.hidden.clone();
  text.hidden.narrow(1, 4, 3).fill_(9.0);
  EXPECT_TRUE(at::equal(predict(), before));
  text.hidden.narrow(1, 3, 1).fill_(9.0);
  EXPECT_FALSE(at::equal(predict(), before));
}

TEST(PriorConfig, NamesWhatIsNotSupported) {
  const auto message = [](const nlohmann::json& json) -> std::string {
    try {
      models::PriorConfig::read({"prior/config.json", json});
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({{"norm_in_type", "layer"}}),
            "prior/config.json: norm_in_type is \"layer\", expected null (not supported yet)");
  EXPECT_EQ(message({{"added_emb_type", nullptr}}),
            "prior/config.json: added_emb_type is null, expected \"prd\" (not supported yet)");
  EXPECT_EQ(message({{"clip_embed_dim", 1024}}),
            "prior/config.json: clip_embed_dim is 1024, expected 768 (not supported yet)");
  EXPECT_EQ(message({{"num_layers", 0}}),
            "prior/config.json: num_layers is 0, expected 1 to 1000000");
  EXPECT_EQ(message({{"new", 1}}), "prior/config.json: not supported: new = 1");
}

}  // namespace velatura::testing
