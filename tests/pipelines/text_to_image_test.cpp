#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/config_object.h"
#include "samplers/names.h"
#include "support/compare.h"
#include "velatura/error.h"
#include "velatura/generator.h"
#include "weights/safetensors.h"

namespace velatura::testing {
namespace {

const std::string kTiny = std::string(VELATURA_FIXTURES) + "/models/tiny";
const std::string kStem = std::string(VELATURA_FIXTURES) + "/pipelines/text_to_image";

nlohmann::json cases() { return read_json(kStem + ".json"); }

std::vector<std::string> names() {
  std::vector<std::string> result;
  const auto all = cases();
  for (const auto& item : all.items()) result.push_back(item.key());
  return result;
}

TextToImage request_of(const nlohmann::json& json) {
  TextToImage request;
  request.prompt = json["prompt"];
  request.negative_prompt = json["negative_prompt"];
  if (json.contains("width")) request.width = json["width"].get<int>();
  if (json.contains("height")) request.height = json["height"].get<int>();
  request.steps = json["steps"];
  request.guidance_scale = json["guidance_scale"];
  request.guidance_rescale = json["guidance_rescale"];
  request.clip_skip = json["clip_skip"];
  request.seed = json["seed"];
  request.num_images = json["num_images"];
  request.sampling.eta = json["eta"];
  if (json["sampler"] != "") {
    request.sampling.sampler = samplers::parse_sampler(json["sampler"].get<std::string>()).sampler;
  }
  if (json["schedule"] != "") {
    request.sampling.schedule = samplers::parse_schedule(json["schedule"].get<std::string>());
  }
  return request;
}

at::Tensor tensor_of(const Latents& latents) {
  return at::tensor(latents.values).view(latents.shape);
}

Generator tiny() { return Generator({.model = kTiny, .device = "cpu", .dtype = DType::float32}); }

TextToImage short_request() {
  TextToImage request;
  request.prompt = "a red cat";
  request.steps = 3;
  request.seed = 5;
  return request;
}

int largest_difference(const Image& a, const Image& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
  }
  return largest;
}

class Recorder : public Observer {
 public:
  void on_progress(const Progress& progress) override {
    if (progress.stage == Stage::denoise) ++steps;
  }
  void on_warning(std::string_view text) override { warnings.emplace_back(text); }
  bool cancelled() override { return steps >= cancel_after; }
  int steps = 0;
  int cancel_after = 1 << 30;
  std::vector<std::string> warnings;
};

}  // namespace

class TextToImageParity : public ::testing::TestWithParam<std::string> {};

TEST_P(TextToImageParity, EqualsDiffusers) {
  const auto json = cases()[GetParam()];
  const weights::SafetensorsFile expected(kStem + ".safetensors");
  const auto latents = expected.load(GetParam() + ".latents");
  const auto pixels = expected.load(GetParam() + ".pixels");  // [N, H, W, 3]
  TextToImage request = request_of(json);

  // Alone and together: a picture does not depend on its batch mates.
  for (const int batch_size : {1, request.num_images}) {
    request.batch_size = batch_size;
    const auto pictures = tiny().generate(request);
    ASSERT_EQ(pictures.size(), static_cast<std::size_t>(request.num_images));
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      const auto& picture = pictures[i];
      EXPECT_TRUE(all_near(tensor_of(picture.latents), latents.narrow(0, index, 1), 1e-4));
      ASSERT_EQ(picture.image.height, pixels.size(1));
      ASSERT_EQ(picture.image.width, pixels.size(2));
      const auto found = at::tensor(at::ArrayRef<std::uint8_t>(picture.image.pixels))
                             .view(pixels[index].sizes());
      EXPECT_LE((found.to(at::kInt) - pixels[index].to(at::kInt)).abs().max().item<int>(), 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Requests, TextToImageParity, ::testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

TEST(TextToImage, SaysWhatWasLeftOutOfALongPrompt) {
  auto request = request_of(cases()["long_prompt"]);
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
    Generator half({.model = kTiny, .device = "cpu", .dtype = dtype});
    const auto rough = half.generate(request).front();
    EXPECT_TRUE(all_near(tensor_of(rough.latents), tensor_of(exact.latents), 0.1));
  }
}

TEST(TextToImage, RefusesWhatCannotBeDone) {
  auto generator = tiny();
  const auto message = [&](auto change) -> std::string {
    auto request = short_request();
    change(request);
    try {
      generator.generate(request);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message([](auto& r) { r.width = 100; }),
            "--width 100 is not a multiple of 8: 96 and 104 are the nearest");
  EXPECT_EQ(message([](auto& r) { r.height = 0; }), "--height 0: expected 8 … 16384");
  EXPECT_EQ(message([](auto& r) { r.steps = 0; }), "steps is 0, expected at least 1");
  EXPECT_EQ(message([](auto& r) { r.clip_skip = 3; }),
            "--clip-skip 3: the text encoder has 3 layers, expected 0 … 2");
  EXPECT_NE(message([](auto& r) { r.sampling.eta = 0.5; }), "");
  EXPECT_NE(message([](auto& r) { r.guidance_rescale = 2; }), "");
}

}  // namespace velatura::testing
