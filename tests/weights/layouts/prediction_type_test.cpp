#include "weights/layouts/prediction_type.h"

#include <gmock/gmock.h>

#include "weights/family_checkpoint.h"
#include "weights/files.h"
#include "weights/formats/checkpoint.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;

const Family& kSd1 = testing::family("stable-diffusion-1", 4);
const Family& kSd2 = testing::family("stable-diffusion-2", 4);
const Family& kInpaint = testing::family("stable-diffusion-2", 9);
const Family& kX4 = testing::family("stable-diffusion-x4-upscaler", 7);

enum class Spread { absent, narrow, wide };

class PredictionType : public ::testing::Test {
 protected:
  PredictionGuess guess(const Family& family, Spread spread,
                        const std::map<std::string, std::string>& metadata = {},
                        const std::string& yaml = "") {
    testing::Tensors tensors{{"other", at::zeros({1})}};
    if (spread != Spread::absent) {
      const float size = spread == Spread::wide ? 0.2f : 0.05f;
      tensors["model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"] =
          at::tensor({-size, size});
    }
    const auto file = open_checkpoint(folder.write("m.safetensors", encoded(tensors))).source;
    std::optional<OriginalConfig> config;
    if (!yaml.empty()) config = OriginalConfig{.where = "m.yaml", .prediction_type = yaml};
    return guess_prediction(*file, family, metadata, config);
  }
  // The type, where nothing is in doubt.
  std::string sure(const Family& family, Spread spread,
                   const std::map<std::string, std::string>& metadata = {},
                   const std::string& yaml = "") {
    const PredictionGuess found = guess(family, spread, metadata, yaml);
    EXPECT_EQ(found.warning, "");
    return found.type;
  }
  Folder folder;
};

TEST_F(PredictionType, EachSignalTellsAlone) {
  EXPECT_EQ(sure(kSd2, Spread::wide), "v_prediction");
  EXPECT_EQ(sure(kSd2, Spread::narrow), "epsilon");
  EXPECT_EQ(sure(kSd2, Spread::absent, {}, "v_prediction"), "v_prediction");
  EXPECT_EQ(sure(kSd2, Spread::absent, {}, "sample"), "sample");
  struct Case {
    const char *key, *value, *type;
  };
  for (const Case& one :
       {Case{"modelspec.prediction_type", "epsilon", "epsilon"},
        {"modelspec.prediction_type", "v", "v_prediction"},
        {"modelspec.prediction_type", "v_prediction", "v_prediction"},
        {"modelspec.prediction_type", "sample", "sample"},
        {"ss_v_parameterization", "True", "v_prediction"},
        {"ss_v_parameterization", "False", "epsilon"},
        {"modelspec.architecture", "stable-diffusion-v2-512", "epsilon"},
        {"modelspec.architecture", "stable-diffusion-v2-768-v", "v_prediction"}}) {
    const PredictionGuess found = guess(kSd2, Spread::absent, {{one.key, one.value}});
    EXPECT_EQ(found.type, one.type) << one.key << " " << one.value;
    EXPECT_EQ(found.warning, "");
    ASSERT_EQ(found.signals.size(), 1u);
    EXPECT_THAT(found.signals[0].reason, AllOf(HasSubstr(one.key), HasSubstr(one.value)));
  }
}

TEST_F(PredictionType, WithoutASignalTheFamilysUsualTypeIsTaken) {
  const PredictionGuess doubt = guess(kSd2, Spread::absent, {{"modelspec.architecture", "x"}});
  EXPECT_EQ(doubt.type, "epsilon");
  EXPECT_THAT(doubt.warning, AllOf(HasSubstr("it cannot be told"), HasSubstr("--prediction")));
  // Only 4-channel models of 2.x are of two kinds.
  EXPECT_EQ(sure(kSd1, Spread::wide), "epsilon");
  EXPECT_EQ(sure(kInpaint, Spread::wide), "epsilon");
  EXPECT_EQ(sure(kX4, Spread::narrow), "v_prediction");
  EXPECT_THAT(guess(kX4, Spread::absent).signals.at(0).reason,
              HasSubstr("Stable Diffusion x4 upscaler models usually predict v_prediction"));
  EXPECT_EQ(sure(kInpaint, Spread::absent, {{"modelspec.prediction_type", "v"}}), "v_prediction");
  EXPECT_EQ(sure(kSd1, Spread::wide, {{"modelspec.prediction_type", "v"}}), "v_prediction");
  EXPECT_EQ(sure(kX4, Spread::absent, {}, "epsilon"), "epsilon");
}

TEST_F(PredictionType, SignalsThatDisagreeAreAllNamed) {
  const PredictionGuess all =
      guess(kSd2, Spread::wide, {{"modelspec.prediction_type", "v"}}, "epsilon");
  EXPECT_EQ(all.type, "v_prediction");
  ASSERT_EQ(all.signals.size(), 3u);
  EXPECT_THAT(all.warning,
              AllOf(HasSubstr("modelspec.prediction_type v (v_prediction)"),
                    HasSubstr("m.yaml says parameterization epsilon (epsilon)"),
                    HasSubstr("norm1.bias is 0.282 (above 0.09 speaks for v) (v_prediction)"),
                    HasSubstr(": taking v_prediction; --prediction epsilon or --prediction v_")));
  // Metadata before the config, the config before the numbers, the plain word before the family.
  EXPECT_EQ(guess(kSd2, Spread::narrow, {}, "v_prediction").type, "v_prediction");
  EXPECT_NE(guess(kSd2, Spread::narrow, {}, "v_prediction").warning, "");
  EXPECT_EQ(guess(kSd2, Spread::wide, {{"modelspec.architecture", "stable-diffusion-v2-512"}}).type,
            "epsilon");
  const PredictionGuess metadata = guess(kSd1, Spread::absent,
                                         {{"modelspec.prediction_type", "epsilon"},
                                          {"modelspec.architecture", "stable-diffusion-v2-768-v"}});
  EXPECT_EQ(metadata.type, "epsilon");
  EXPECT_NE(metadata.warning, "");
}

}  // namespace
}  // namespace velatura::weights
