#include "models/dpt/image_processor.h"

#include <ATen/ATen.h>

#include "models/fixture.h"

namespace velatura::testing {

using models::DptImageProcessor;
using models::DptResample;

class DptImageProcessorParity : public ::testing::TestWithParam<std::string> {};

TEST_P(DptImageProcessorParity, EqualsTransformers) {
  const ModelFixture fixture("dpt_image_processor");
  const auto& settings = fixture[GetParam()];
  const auto processor = DptImageProcessor::read(fixture.config(GetParam()));
  EXPECT_EQ(static_cast<int>(processor.resample), settings["config"]["resample"]);
  for (std::size_t i = 0; i < settings["pictures"].size(); ++i) {
    const auto& picture = settings["pictures"][i];
    const auto [height, width] = processor.target_size(picture[0], picture[1]);
    EXPECT_EQ(nlohmann::json({height, width}), settings["sizes"][i]) << picture;
  }
  const auto bytes = at::arange(3 * 256).to(at::kByte).view({1, 16, 16, 3}).permute({0, 3, 1, 2});
  EXPECT_TRUE(at::equal(processor.normalise(bytes), fixture.expected(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Configs, DptImageProcessorParity,
                         ::testing::ValuesIn(ModelFixture::names("dpt_image_processor")),
                         case_name);

TEST(DptImageProcessor, ReadsOldFiles) {
  const auto processor =
      DptImageProcessor::read({"preprocessor_config.json",
                               {{"do_normalize", true},
                                {"do_resize", true},
                                {"ensure_multiple_of", 1},
                                {"feature_extractor_type", "DPTFeatureExtractor"},
                                {"image_mean", {0.5, 0.5, 0.5}},
                                {"image_std", 0.5},
                                {"keep_aspect_ratio", false},
                                {"resample", 2},
                                {"size", 384}}});
  EXPECT_EQ(processor.resample, DptResample::bilinear);
  EXPECT_EQ(processor.target_size(40, 80).width, 384);
}

TEST(DptImageProcessor, NeverAsksForAnEmptyPicture) {
  DptImageProcessor processor;
  processor.keep_aspect_ratio = true;
  EXPECT_EQ(processor.target_size(10, 10000).height, 1);
}

TEST(DptImageProcessor, NamesWhatIsNotSupported) {
  const auto message = [](const nlohmann::json& json) -> std::string {
    try {
      DptImageProcessor::read({"p", json});
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(nlohmann::json::object()), "");
  EXPECT_EQ(message({{"do_pad", true}}), "p: do_pad is true, expected false (not supported yet)");
  EXPECT_EQ(message({{"resample", 0}}), "p: resample is 0, expected 1, 2 or 3 (not supported yet)");
  EXPECT_EQ(message({{"size", {{"shortest_edge", 384}}}}), "p: size: height is missing");
  EXPECT_EQ(message({{"image_std", {1.0, 0.0, 1.0}}}),
            "p: image_std is [1.0,0.0,1.0], expected no zero");
  EXPECT_EQ(message({{"image_mean", {0.5}}}), "p: image_mean is [0.5], expected 3 values");
  EXPECT_EQ(message({{"ensure_multiple_of", 0}}),
            "p: ensure_multiple_of is 0, expected a positive number");
  EXPECT_EQ(message({{"crop", 3}}), "p: not supported: crop = 3");
}

}  // namespace velatura::testing
