#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

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
