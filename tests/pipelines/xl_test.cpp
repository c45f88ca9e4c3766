#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipelines/cases.h"
#include "pipelines/recorded_pictures.h"
#include "pipelines/requests.h"
#include "weights/formats/safetensors.h"

namespace velatura::testing {
namespace {

const std::string kXlCases = "xl";

weights::SafetensorsFile xl_fixture() {
  return weights::SafetensorsFile(case_stem(kXlCases) + ".safetensors");
}

ModelOptions xl_options(const std::string& model, const std::string& refiner = "") {
  return {.model = kModels + model,
          .refiner = refiner.empty() ? "" : kModels + refiner,
          .device = "cpu",
          .dtype = DType::float32};
}

Image image_of(const at::Tensor& pixels) {
  const auto flat = pixels.contiguous();
  const auto* data = flat.const_data_ptr<std::uint8_t>();
  return {static_cast<int>(pixels.size(1)),
          static_cast<int>(pixels.size(0)),
          {data, data + flat.numel()}};
}

GrayImage gray_of(const at::Tensor& pixels) {
  GrayImage image{static_cast<int>(pixels.size(1)), static_cast<int>(pixels.size(0)), {}};
  const auto flat = pixels.contiguous();
  const auto* data = flat.const_data_ptr<std::uint8_t>();
  for (std::int64_t i = 0; i < flat.numel(); ++i)
    image.values.push_back(static_cast<std::uint16_t>(data[i] * 257));
  return image;
}

// Pairs of numbers as the file has them.
template <class Pair>
void read_pair(const nlohmann::json& json, const std::string& key, std::optional<Pair>& value) {
  if (json.contains(key)) value = Pair{json[key][0], json[key][1]};
}

void read_sizes(const nlohmann::json& json, const std::string& begin, SizeConditioning& sizes) {
  read_pair(json, begin + "original_size", sizes.original_size);
  read_pair(json, begin + "target_size", sizes.target_size);
  read_pair(json, begin + "crop_top_left", sizes.crop_top_left);
  if (json.contains(begin + "aesthetic_score"))
    sizes.aesthetic_score = json[begin + "aesthetic_score"].get<double>();
}

void read_told(const nlohmann::json& json, PictureRequest& request) {
  read_common(json, request);
  if (json.contains("prompt_2")) request.prompt_2 = json["prompt_2"];
  if (json.contains("negative_prompt_2")) request.negative_prompt_2 = json["negative_prompt_2"];
  read_sizes(json, "", request.sizes);
  read_sizes(json, "negative_", request.negative_sizes);
  if (json.contains("refiner_start")) request.refiner_start = json["refiner_start"].get<double>();
}

Request xl_request(const nlohmann::json& json) {
  const auto file = xl_fixture();
  if (json["task"] == "txt2img") {
    TextToImage request;
    read_told(json, request);
    read_size(json, request);
    return request;
  }
  if (json["task"] == "img2img") {
    ImageToImage request;
    read_told(json, request);
    request.strength = json["strength"];
    request.image = image_of(file.load("input.image"));
    return request;
  }
  Inpaint request;
  read_told(json, request);
  request.strength = json["strength"];
  request.image = image_of(file.load("input.image"));
  request.mask = gray_of(file.load("input.mask"));
  request.width = request.height = 32;
  request.paste = false;
  return request;
}

}  // namespace

class StableDiffusionXlParity : public ::testing::TestWithParam<std::string> {};

TEST_P(StableDiffusionXlParity, EqualsDiffusers) {
  const auto json = read_json(case_stem(kXlCases) + ".json")[GetParam()];
  const auto file = xl_fixture();
  Generator generator(
      xl_options(json["model"], json.contains("refiner_start") ? "tiny-xl-refiner" : ""));
  expect_pictures(generator.generate(xl_request(json)), file.load(GetParam() + ".latents"),
                  file.load(GetParam() + ".pixels"));
}

INSTANTIATE_TEST_SUITE_P(Requests, StableDiffusionXlParity,
                         ::testing::ValuesIn(case_names(kXlCases)),
                         [](const auto& info) { return info.param; });

// Cases that a trap would make alike say something only if they are not.
TEST(StableDiffusionXl, WhatIsToldChangesThePicture) {
  const auto file = xl_fixture();
  const auto defaults = file.load("defaults.latents");
  for (const char* name : {"no_negative", "empty_negative", "prompt_2", "prompts_2", "sizes",
                           "clip_skip", "hand_over"}) {
    EXPECT_FALSE(all_near(file.load(std::string(name) + ".latents"), defaults, 1e-3)) << name;
  }
  for (const auto& [a, b] : {std::pair{"no_negative", "empty_negative"},
                             {"sizes", "negative_sizes"},
                             {"prompt_2", "prompts_2"},
                             {"img2img", "img2img_sizes"},
                             {"refiner", "refiner_scores"},
                             {"centred_img2img", "img2img"}}) {
    EXPECT_FALSE(all_near(file.load(std::string(a) + ".latents"),
                          file.load(std::string(b) + ".latents"), 1e-3))
        << a << " " << b;
  }
}

TEST(StableDiffusionXl, PicturesDoNotDependOnTheirBatchMates) {
  Generator generator(xl_options("tiny-xl", "tiny-xl-refiner"));
  std::vector<Request> requests;
  for (int i = 0; i < 3; ++i) {
    TextToImage request = short_request();
    request.seed = static_cast<std::uint64_t>(i);
    request.sampling.sampler = Sampler::euler_a;
    if (i == 1) request.sizes.original_size = Extent{640, 480};
    if (i == 2) request.negative_prompt = "a dog";
    requests.emplace_back(request);
  }
  std::vector<Picture> together;
  generator.generate(
      requests, 3, [&](std::size_t, Picture&& picture) { together.push_back(std::move(picture)); });
  ASSERT_EQ(together.size(), 3u);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Picture alone = generator.generate(requests[i]).front();
    EXPECT_TRUE(all_near(tensor_of(together[i].latents), tensor_of(alone.latents), 1e-4)) << i;
  }
}

TEST(StableDiffusionXl, RefusesWhatDoesNotGoTogether) {
  Generator base(xl_options("tiny-xl")), refiner(xl_options("tiny-xl-refiner"));
  const auto refusal = [](Generator& generator, const auto& change) {
    TextToImage request = short_request();
    change(request);
    return message_of<UsageError>([&] { generator.generate(request); });
  };
  EXPECT_EQ(refusal(base,
                    [](auto& r) {
                      r.negative_sizes.original_size = Extent{1, 1};
                    }),
            "negative-original-size and negative-target-size go together");
  EXPECT_EQ(refusal(base,
                    [](auto& r) {
                      r.negative_sizes.target_size = Extent{1, 1};
                    }),
            "negative-original-size and negative-target-size go together");
  EXPECT_NE(refusal(base,
                    [](auto& r) {
                      r.negative_sizes.crop_top_left = Offset{1, 1};
                    })
                .find("negative-crop-top-left goes with"),
            std::string::npos);
  EXPECT_EQ(refusal(base, [](auto& r) { r.negative_prompt_2 = "x"; }),
            "negative-prompt-2 goes with negative-prompt");
  EXPECT_EQ(refusal(base, [](auto& r) { r.sizes.aesthetic_score = 3; }),
            "aesthetic-score: this model has no use for it");
  EXPECT_EQ(refusal(base, [](auto& r) { r.refiner_start = 0.5; }),
            "refiner-start goes with refiner");
  EXPECT_EQ(refusal(base, [](auto& r) { r.clip_skip = 3; }),
            "clip-skip 3: the text encoder has 4 layers, expected 0 … 2");
  EXPECT_NE(refusal(refiner, [](auto&) {}).find("this model is a refiner"), std::string::npos);
  EXPECT_EQ(refusal(refiner, [](auto& r) { r.prompt_2 = "x"; }),
            "prompt-2: this model has no use for it");
  Generator other(xl_options("tiny"));
  for (const auto& change : {+[](TextToImage& r) { r.prompt_2 = "x"; },
                             +[](TextToImage& r) {
                               r.sizes.original_size = Extent{8, 8};
                             }}) {
    EXPECT_NE(refusal(other, change).find("this model has no use for it"), std::string::npos);
  }
}

TEST(StableDiffusionXl, RefinersGoOnInsideTheScheduleOfABaseOnly) {
  const auto loading = [](const std::string& model, const std::string& refiner) {
    return message_of<UsageError>([&] { Generator(xl_options(model, refiner)); });
  };
  EXPECT_NE(loading("tiny-xl", "tiny-xl").find("is no refiner"), std::string::npos);
  EXPECT_NE(loading("tiny", "tiny-xl-refiner").find("none that a refiner goes on with"),
            std::string::npos);
  EXPECT_NE(loading("tiny-xl-refiner", "tiny-xl-refiner").find("none that a refiner goes on with"),
            std::string::npos);
  Generator both(xl_options("tiny-xl", "tiny-xl-refiner"));
  for (const double share : {0.0, 1.0, 0.999}) {
    TextToImage request = short_request();
    request.refiner_start = share;
    EXPECT_TRUE(
        message_of<UsageError>([&] { both.generate(request); }).starts_with("refiner-start "))
        << share;
  }
  Inpaint hole;
  hole.image = patterned(32, 32, 0);
  hole.mask = half_mask(32, 32, 6);
  EXPECT_EQ(message_of<UsageError>([&] { both.generate(hole); }),
            "refiner: goes with txt2img and img2img, not with inpaint");
}

TEST(StableDiffusionXl, ReceiptsSayAllThatWasTold) {
  Generator both(xl_options("tiny-xl", "tiny-xl-refiner"));
  TextToImage request = short_request();
  request.prompt_2 = "a star";
  request.sizes.crop_top_left = Offset{-3, 8};
  const auto said = [&] { return both.generate(request).front().metadata; };
  const auto receipt = nlohmann::json::parse(said().receipt);
  EXPECT_EQ(receipt["guidance_scale"], 5.0);
  EXPECT_EQ(receipt["prompt_2"], "a star");
  EXPECT_EQ(receipt["crop_top_left"], "-3,8");
  EXPECT_FALSE(receipt.contains("negative_prompt"));
  EXPECT_EQ(receipt["model"]["refiner"], "tiny-xl-refiner");
  EXPECT_EQ(receipt["model"]["refiner_sha256"].get<std::string>().size(), 64u);
  EXPECT_NE(said().parameters.find("Refiner: tiny-xl-refiner ["), std::string::npos);
  EXPECT_NE(said().parameters.find("Refiner switch at: 0.8"), std::string::npos);
  request.negative_prompt = "";
  const auto empty = nlohmann::json::parse(said().receipt);
  EXPECT_EQ(empty["negative_prompt"], "");
  EXPECT_EQ(empty["empty_negative_prompt"], "encoded");
}

// As web UIs say it, and where they do.
TEST(StableDiffusionXl, ParametersSayHowWeightsInPromptsCount) {
  Generator xl(xl_options("tiny-xl")), other(xl_options("tiny"));
  TextToImage request = short_request();
  const auto names_it = [&](Generator& generator) {
    const auto made = generator.generate(request);
    return made.front().metadata.parameters.find("Emphasis: No norm") != std::string::npos;
  };
  request.prompt = "a (red:1.3) cat";
  EXPECT_FALSE(names_it(xl)) << "it is text";
  request.prompt_syntax = PromptSyntax::webui;
  EXPECT_TRUE(names_it(xl));
  EXPECT_FALSE(names_it(other));
  request.prompt = "a red cat";
  EXPECT_FALSE(names_it(xl));
  request.negative_prompt = "grey";
  request.negative_prompt_2 = "[dull]";
  EXPECT_TRUE(names_it(xl));
}

TEST(StableDiffusionXl, NotesWhatDoesNotFitItsTrainingOnce) {
  Generator generator(xl_options("tiny-xl"));
  TextToImage request = short_request();
  request.width = 128;
  Recorder recorder;
  generator.generate(request, &recorder);
  generator.generate(request, &recorder);
  ASSERT_EQ(recorder.warnings.size(), 1u);
  EXPECT_EQ(recorder.warnings[0],
            "pictures of 128x32 are far from 32x32 and the like, which the model was trained on");
}

}  // namespace velatura::testing
