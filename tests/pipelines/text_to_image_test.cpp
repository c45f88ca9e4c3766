#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipelines/cases.h"
#include "weights/formats/safetensors.h"

namespace velatura::testing {
namespace {

const std::string kTextToImageCases = "text_to_image";

nlohmann::json cases() {
  return read_json(case_stem(kTextToImageCases) + ".json");
}

TextToImage text_to_image_request(const nlohmann::json& json) {
  TextToImage request;
  read_common(json, request);
  read_size(json, request);
  return request;
}

}  // namespace

class TextToImageParity : public ::testing::TestWithParam<std::string> {};

TEST_P(TextToImageParity, EqualsDiffusers) {
  const auto json = cases()[GetParam()];
  const weights::SafetensorsFile expected(case_stem(kTextToImageCases) + ".safetensors");
  const auto latents = expected.load(GetParam() + ".latents");
  const auto pixels = expected.load(GetParam() + ".pixels");  // [N, H, W, 3]
  TextToImage request = text_to_image_request(json);

  // Alone and together: a picture does not depend on its batch mates.
  for (const int batch_size : {1, request.num_images}) {
    request.batch_size = batch_size;
    expect_pictures(tiny().generate(request), latents, pixels);
  }
}

INSTANTIATE_TEST_SUITE_P(Requests, TextToImageParity,
                         ::testing::ValuesIn(case_names(kTextToImageCases)),
                         [](const auto& info) { return info.param; });

TEST(TextToImage, SaysWhatWasLeftOutOfALongPrompt) {
  auto request = text_to_image_request(cases()["long_prompt"]);
  Recorder recorder;
  tiny().generate(request, &recorder);
  ASSERT_EQ(recorder.warnings.size(), 1u);
  EXPECT_NE(recorder.warnings[0].find("left out: \"cat on the green star"), std::string::npos)
      << recorder.warnings[0];
}

TEST(TextToImage, GivenLatentsReplaceTheNoise) {
  auto generator = tiny();
  auto request = short_request();
  const auto plain = generator.generate(request).front();
  request.latents = Latents{{1, 4, 16, 16}, std::vector<float>(4 * 16 * 16, 0.25f)};
  const auto given = generator.generate(request).front();
  EXPECT_GT(largest_difference(plain.image, given.image), 1);
  request.latents->shape = {1, 4, 8, 32};
  EXPECT_THROW(generator.generate(request), InputError);
}

TEST(TextToImage, RepeatsBitForBit) {
  auto generator = tiny();
  const auto request = short_request();
  EXPECT_EQ(generator.generate(request).front().image.pixels,
            generator.generate(request).front().image.pixels);
}

TEST(TextToImage, NegativePromptHasNoEffectWithoutGuidance) {
  auto generator = tiny();
  auto request = short_request();
  request.guidance_scale = 1.0;
  const auto without = generator.generate(request).front();
  request.negative_prompt = "a blue dog";
  EXPECT_EQ(generator.generate(request).front().latents.values, without.latents.values);
}

TEST(TextToImage, StopsWhenCancelled) {
  auto generator = tiny();
  auto request = short_request();
  request.steps = 20;
  Recorder recorder;
  recorder.cancel_after = 2;
  EXPECT_THROW(generator.generate(request, &recorder), Interrupted);
  EXPECT_EQ(recorder.steps, 2);
}

TEST(TextToImage, ReceiptRepeatsTheRun) {
  const auto picture = tiny().generate(short_request()).front();
  const auto receipt = nlohmann::json::parse(picture.metadata.receipt);
  EXPECT_EQ(receipt["prompt"], "a red cat");
  EXPECT_EQ(receipt["seed"], 5);
  EXPECT_EQ(receipt["steps"], 3);
  EXPECT_EQ(receipt["sampler"], "pndm");
  EXPECT_EQ(receipt["model"]["name"], "tiny");
  EXPECT_EQ(receipt["model"]["sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(receipt["dtype"], "float32");
  EXPECT_NE(picture.metadata.parameters.find("Steps: 3, Sampler: PLMS"), std::string::npos)
      << picture.metadata.parameters;
}

TEST(TextToImage, HalfPrecisionStaysClose) {
  const auto request = short_request();
  const auto exact = tiny().generate(request).front();
  for (const DType dtype : {DType::bfloat16, DType::float16}) {
    Generator half({.model = kModels + "tiny", .device = "cpu", .dtype = dtype});
    const auto rough = half.generate(request).front();
    EXPECT_TRUE(all_near(tensor_of(rough.latents), tensor_of(exact.latents), 0.1));
  }
}

TEST(TextToImage, RefusesWhatCannotBeDone) {
  auto generator = tiny();
  const auto message = [&](auto change) {
    auto request = short_request();
    change(request);
    return message_of<UsageError>([&] { generator.generate(request); });
  };
  EXPECT_EQ(message([](auto& r) { r.width = 100; }),
            "width 100 is not a multiple of 8: 96 and 104 are the nearest");
  EXPECT_EQ(message([](auto& r) { r.height = 0; }), "height 0: expected 8 … 16384");
  EXPECT_EQ(message([](auto& r) { r.steps = 0; }), "steps 0: expected 1 … 1000");
  EXPECT_EQ(message([](auto& r) { r.clip_skip = 3; }),
            "clip-skip 3: the text encoder has 3 layers, expected 0 … 2");
  EXPECT_EQ(message([](auto& r) { r.sampling.eta = 0.5; }), "sampler pndm has no eta");
  EXPECT_EQ(message([](auto& r) { r.guidance_rescale = 2; }), "guidance-rescale 2: expected 0 … 1");
}

}  // namespace velatura::testing
