#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST(Info, SaysWhatAModelIs) {
  const Outcome outcome = velatura({"info", kTinyModel});
  ASSERT_TRUE(succeeded(outcome));
  for (const char* word : {"StableDiffusionPipeline", "32 x 32", "epsilon", "pndm", "PNDMScheduler",
                           "UNet2DConditionModel", "AutoencoderKL", "CLIPTextModel", "float16",
                           "diffusion_pytorch_model.safetensors"}) {
    EXPECT_THAT(outcome.out, HasSubstr(word));
  }
}

TEST(Info, SaysItInJson) {
  const Outcome outcome = velatura({"info", "--json", kTinyModel});
  ASSERT_TRUE(succeeded(outcome));
  const auto object = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(object.at("native_size"), 32);
  EXPECT_EQ(object.at("sampler"), "pndm");
  EXPECT_EQ(object.at("prediction"), "epsilon");
  const auto& unet = object.at("components").at("unet");
  EXPECT_EQ(unet.at("class"), "UNet2DConditionModel");
  EXPECT_GT(unet.at("parameters").get<int>(), 1000);
  EXPECT_EQ(unet.at("dtypes").at("float16"), unet.at("parameters"));
  EXPECT_EQ(object.at("files").size(), 3u);
}

TEST(Info, KnowsADepthModelsEstimator) {
  const std::string model = VELATURA_FIXTURES "/models/tiny-depth-estimator";
  const Outcome text = velatura({"info", model});
  ASSERT_TRUE(succeeded(text));
  EXPECT_THAT(text.out, ContainsRegex("depth_estimator +DPTForDepthEstimation +31.1 k parameters"));
  const Outcome json = velatura({"info", "--json", model});
  ASSERT_TRUE(succeeded(json));
  const auto object = nlohmann::json::parse(json.out);
  EXPECT_EQ(object.at("pipeline"), "StableDiffusionDepth2ImgPipeline");
  const auto& estimator = object.at("components").at("depth_estimator");
  EXPECT_EQ(estimator.at("class"), "DPTForDepthEstimation");
  EXPECT_EQ(estimator.at("parameters"), 31069);
  EXPECT_EQ(object.at("files").size(), 4u);
  EXPECT_EQ(object.at("max_noise_level"), nullptr);
}

TEST(Info, KnowsAnUpscalersNoiseLevels) {
  const std::string model = VELATURA_FIXTURES "/models/tiny-upscale";
  const Outcome text = velatura({"info", model});
  ASSERT_TRUE(succeeded(text));
  EXPECT_THAT(text.out, ContainsRegex("noise level +0 to 350\n"));
  const Outcome json = velatura({"info", "--json", model});
  ASSERT_TRUE(succeeded(json));
  EXPECT_EQ(nlohmann::json::parse(json.out).at("max_noise_level"), 350);
}

TEST(Info, SaysHowAPictureWasMade) {
  const TemporaryFolder folder;
  for (const char* name : {"a.png", "a.jpg", "a.webp"}) {
    ASSERT_TRUE(succeeded(tiny({"--negative-prompt", "dog", "-o", folder / name})));
    const Outcome text = velatura({"info", folder / name});
    ASSERT_TRUE(succeeded(text));
    EXPECT_THAT(text.out, HasSubstr("a red circle\nNegative prompt: dog\nSteps: 2, Sampler: PLMS"));
    const Outcome json = velatura({"info", "--json", folder / name});
    ASSERT_TRUE(succeeded(json));
    const auto receipt = nlohmann::json::parse(json.out).at("receipt");
    EXPECT_EQ(receipt.at("prompt"), "a red circle");
    EXPECT_EQ(receipt.at("seed"), 5);
    EXPECT_EQ(receipt.at("steps"), 2);
    EXPECT_EQ(receipt.at("device"), "cpu");
    EXPECT_EQ(receipt.at("dtype"), "float32");
  }
}

TEST(Info, RefusesWhatIsNeither) {
  const TemporaryFolder folder;
  write_text(folder / "text.png", "not a picture");
  EXPECT_TRUE(failed_with(velatura({"info", folder / "text.png"}), 3, {"text.png"}));
  EXPECT_TRUE(failed_with(velatura({"info", folder / "nothing.png"}), 3, {"nothing.png"}));
  write_text(folder / "text.safetensors", "not a model");
  EXPECT_TRUE(
      failed_with(velatura({"info", folder / "text.safetensors"}), 3, {"text.safetensors"}));
  EXPECT_TRUE(failed_with(velatura({"info", folder / "nowhere"}), 3, {"nowhere"}));
}

}  // namespace
}  // namespace velatura::testing
