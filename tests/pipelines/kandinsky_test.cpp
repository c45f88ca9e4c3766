#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipelines/cases.h"
#include "pipelines/recorded_pictures.h"
#include "pipelines/requests.h"
#include "weights/formats/safetensors.h"

namespace velatura::testing {
namespace {

const std::string kKandinskyCases = "kandinsky";
const std::string kDecoder = "tiny-kandinsky-2-2-decoder", kPrompted = "tiny-kandinsky-2-1";

const weights::SafetensorsFile& kandinsky_fixture() {
  static const weights::SafetensorsFile file(case_stem(kKandinskyCases) + ".safetensors");
  return file;
}

ModelOptions kandinsky_options(const std::string& model) {
  return {.model = kModels + model, .device = "cpu", .dtype = DType::float32};
}

void read_imagined(const nlohmann::json& json, PictureRequest& request) {
  read_common(json, request);
  if (json["task"] == "variations") {
    if (json["kind"] != "2.1") request.prompt.clear();
  } else {
    request.prior_steps = json["prior_steps"].get<int>();
  }
  if (json.contains("prior_guidance_scale"))
    request.prior_guidance_scale = json["prior_guidance_scale"].get<double>();
  for (const auto& item : json.value("mix", nlohmann::json::array())) {
    MixItem mixed;
    if (item[0].is_null()) mixed.image = image_in(kandinsky_fixture(), "image");
    if (item[0].is_string()) mixed.text = item[0];
    if (item[1].is_number()) mixed.weight = item[1].get<double>();
    request.mix.push_back(mixed);
  }
  if (json["kind"] == "control")
    request.controls = {{.model = "", .image = image_in(kandinsky_fixture(), "image")}};
}

template <class Task>
Task begun_with_prior(const nlohmann::json& json) {
  Task request;
  read_imagined(json, request);
  request.width = json.value("width", 64);
  request.height = json.value("height", 64);
  if constexpr (requires { request.image; }) request.image = image_in(kandinsky_fixture(), "image");
  return request;
}

Request kandinsky_request(const nlohmann::json& json) {
  if (json["task"] == "variations") return begun_with_prior<Variations>(json);
  if (json["task"] == "txt2img") return begun_with_prior<TextToImage>(json);
  if (json["task"] == "img2img") {
    auto request = begun_with_prior<ImageToImage>(json);
    request.strength = json["strength"];
    return request;
  }
  auto request = begun_with_prior<Inpaint>(json);
  request.mask = gray_image_in(kandinsky_fixture(), "mask");
  request.paste = false;
  return request;
}

nlohmann::json case_named(const std::string& name) {
  return read_json(case_stem(kKandinskyCases) + ".json")[name];
}

at::Tensor row_of(const std::vector<float>& values) {
  return at::tensor(values).unsqueeze(0);
}

TextToImage short_one() {
  auto request = short_request();
  request.width = request.height = 64;
  request.prior_steps = 3;
  return request;
}

}  // namespace

class KandinskyParity : public ::testing::TestWithParam<std::string> {};

TEST_P(KandinskyParity, EqualsDiffusers) {
  const auto json = case_named(GetParam());
  const auto& file = kandinsky_fixture();
  Generator generator(kandinsky_options(json["model"]));
  const auto pictures = generator.generate(kandinsky_request(json));
  expect_pictures(pictures, file.load(GetParam() + ".latents"), file.load(GetParam() + ".pixels"));
  const ImageEmbeds& embeds = pictures.at(0).image_embeds.value();
  EXPECT_TRUE(all_near(row_of(embeds.values), file.load(GetParam() + ".wanted"), 1e-4));
  EXPECT_TRUE(all_near(row_of(embeds.negative), file.load(GetParam() + ".negative"), 1e-4));
}

INSTANTIATE_TEST_SUITE_P(Requests, KandinskyParity,
                         ::testing::ValuesIn(case_names(kKandinskyCases)),
                         [](const auto& info) { return info.param; });

// Cases that a trap would make alike say something only if they are not.
TEST(Kandinsky, WhatIsSaidChangesThePicture) {
  for (const std::string kind : {"2_1_", "2_2_"}) {
    const auto latents = [&](const std::string& name) {
      return kandinsky_fixture().load(kind + name + ".latents");
    };
    for (const auto& [a, b] : {std::pair{"defaults", "negative"},
                               {"defaults", "empty_negative"},
                               {"negative", "empty_negative"},
                               {"defaults", "unguided"},
                               {"mix", "mix_negative"},
                               {"defaults", "variations"},
                               {"img2img", "img2img_whole"}}) {
      EXPECT_FALSE(all_near(latents(a), latents(b), 1e-3)) << kind << a << " " << b;
    }
  }
}

TEST(Kandinsky, DrawsTheSameFromWhatItHasGivenOut) {
  for (const std::string& model : {kDecoder, kPrompted}) {
    Generator generator(kandinsky_options(model));
    auto request = short_one();
    request.negative_prompt = "a dog";
    request.latents = Latents{{1, 4, 8, 8}, std::vector<float>(256, 0.5F)};
    request.sampling.sampler = Sampler::ddim;  // which draws no more
    const auto first = generator.generate(request);
    request.negative_prompt.reset();
    request.prior_steps.reset();
    request.image_embeds = first.at(0).image_embeds;
    const auto again = generator.generate(request);
    EXPECT_TRUE(all_near(tensor_of(again.at(0).latents), tensor_of(first.at(0).latents), 1e-5));
  }
}

TEST(Kandinsky, TakesARowForAllOrOneEach) {
  Generator generator(kandinsky_options(kDecoder));
  auto request = short_one();
  request.prior_steps.reset();
  request.num_images = 2;
  const at::Tensor rows = at::cat({kandinsky_fixture().load("2_2_defaults.wanted"),
                                   kandinsky_fixture().load("2_2_variations.wanted")});
  const auto numbers = [](const at::Tensor& x) {
    const auto* values = x.const_data_ptr<float>();
    return std::vector<float>(values, values + x.numel());
  };
  request.image_embeds = ImageEmbeds{{2, 16}, numbers(rows), numbers(rows * 0)};
  const auto each = generator.generate(request);
  request.image_embeds =
      ImageEmbeds{{1, 16}, numbers(rows.narrow(0, 1, 1).contiguous()), std::vector<float>(16)};
  const auto one = generator.generate(request);
  EXPECT_FALSE(all_near(tensor_of(one[0].latents), tensor_of(each[0].latents), 1e-3));
  EXPECT_TRUE(all_near(tensor_of(one[1].latents), tensor_of(each[1].latents), 1e-5));
}

// A file of vectors may leave out what is kept away from, which CLIP sees in no picture.
TEST(Kandinsky, SeesNothingWhereNoNegativeVectorIsGiven) {
  Generator generator(kandinsky_options(kDecoder));
  auto request = short_one();
  request.prior_steps.reset();
  request.image_embeds = ImageEmbeds{{1, 16}, std::vector<float>(16, 0.3F)};
  const auto pictures = generator.generate(request);
  EXPECT_TRUE(all_near(row_of(pictures.at(0).image_embeds->negative),
                       kandinsky_fixture().load("2_2_defaults.negative"), 1e-5));
}

TEST(Kandinsky, SaysWhichPriorWasUsed) {
  Generator generator(kandinsky_options(kDecoder));
  auto request = short_one();
  const auto model = [&] {
    return nlohmann::json::parse(generator.generate(request).at(0).metadata.receipt)["model"];
  };
  const auto used = model();
  EXPECT_EQ(used["prior"], "tiny-kandinsky-2-2-prior");
  EXPECT_EQ(used["prior_sha256"].get<std::string>().size(), 64U);
  EXPECT_NE(used["prior_sha256"], used["sha256"]);
  request.prior_steps.reset();
  request.image_embeds = ImageEmbeds{{1, 16}, std::vector<float>(16), std::vector<float>(16)};
  EXPECT_FALSE(model().contains("prior"));
}

TEST(Kandinsky, ImaginesWithinTheProgress) {
  class Steps : public Observer {
   public:
    void on_progress(const Progress& progress) override {
      if (progress.stage != Stage::imagine) return;
      EXPECT_EQ(progress.total, 3);
      ++imagined;
    }
    bool cancelled() override { return imagined == most; }
    int imagined = 0, most = 1 << 30;
  } steps;
  Generator generator(kandinsky_options(kDecoder));
  generator.generate(short_one(), &steps);
  EXPECT_EQ(steps.imagined, 3);
  steps.imagined = 0;
  steps.most = 2;
  EXPECT_THROW(generator.generate(short_one(), &steps), Interrupted);
}

struct Refused {
  std::string model;
  std::function<void(TextToImage&)> change;
  std::string message;
};

TEST(Kandinsky, RefusesWhatWouldBePassedOver) {
  const std::vector<Refused> all{
      {kDecoder, [](auto& r) { r.clip_skip = 1; }, "clip-skip: Kandinsky's models"},
      {kDecoder, [](auto& r) { r.prompt_2 = "a"; }, "prompt-2: this model has no use for it"},
      {kDecoder, [](auto& r) { r.prompt_syntax = PromptSyntax::webui; }, "prompt-syntax"},
      {kDecoder, [](auto& r) { r.groundings = {{.phrase = "a"}}; }, "ground: "},
      {kDecoder, [](auto& r) { r.loras = {{.file = "a"}}; }, "lora: the weights of this model"},
      {kDecoder, [](auto& r) { r.sampling.sampler = Sampler::euler; },
       "sampler euler: this model is run with ddim, ddpm or dpmpp_2m"},
      {kDecoder, [](auto& r) { r.width = 72; }, "width 72 is not a multiple of 64: 64 and 128"},
      {kDecoder, [](auto& r) { r.prior_steps = 1; }, "prior-steps 1: expected 2 … 1000"},
      {kDecoder,
       [](auto& r) {
         r.controls = {{.model = "", .image = Image{1, 1, {1, 2, 3}}}};
       },
       "control is given 0 times, control-image once"},
      {kDecoder,
       [](auto& r) {
         r.mix = {{.text = "a", .weight = 1.0}, {.text = "b"}};
       },
       "mix: the weights given are 1 in all"},
      {kDecoder,
       [](auto& r) {
         r.image_embeds = ImageEmbeds{{1, 16}, std::vector<float>(16), std::vector<float>(16)};
       },
       "prior-steps: nothing is imagined of it beside image-embeds-in"},
      {kDecoder,
       [](auto& r) {
         r.prior_steps.reset();
         r.image_embeds = ImageEmbeds{{2, 8}, std::vector<float>(16)};
       },
       "image-embeds-in holds [2, 8], this request needs [1, 16]"},
      {"tiny-kandinsky-2-2-controlnet-depth", [](auto&) {}, "control-image is needed"},
      {"tiny-kandinsky-2-2-controlnet-depth",
       [](auto& r) {
         r.controls = {{.model = "", .image = Image{1, 1, {1, 2, 3}}, .scale = 0.5}};
       },
       "control-scale: this model follows its picture by itself"},
      {"tiny-kandinsky-2-2-decoder-inpaint", [](auto&) {},
       "an inpainting model, for velatura inpaint"},
      {"tiny", [](auto&) {}, "prior-steps: this model has no use for it"},
  };
  for (const auto& [model, change, message] : all) {
    SCOPED_TRACE(message);
    Generator generator(kandinsky_options(model));
    auto request = short_one();
    change(request);
    const std::string said = message_of([&] { generator.generate(request); });
    EXPECT_TRUE(said.starts_with(message) || said.find(message) != std::string::npos) << said;
  }
}

TEST(Kandinsky, RefusesTasksThatItsModelsAreNotFor) {
  Generator drawing(kandinsky_options(kDecoder)), other(kandinsky_options("tiny"));
  Inpaint hole;
  hole.image = patterned(64, 64, 0);
  hole.mask = half_mask(64, 64, 20);
  EXPECT_NE(message_of([&] {
              drawing.generate(hole);
            }).find("an ordinary model, for txt2img, img2img and variations"),
            std::string::npos);
  Variations varied;
  varied.image = patterned(64, 64, 0);
  EXPECT_EQ(message_of([&] { other.generate(varied); }),
            "this model sees no pictures: variations goes with Kandinsky's, others have img2img");
  varied.negative_prompt = "a dog";
  EXPECT_EQ(message_of([&] { drawing.generate(varied); }),
            "negative-prompt: nothing is imagined of it beside image");
  Generator painter(kandinsky_options("tiny-kandinsky-2-2-decoder-inpaint"));
  hole.strength = 0.5;
  EXPECT_EQ(message_of([&] { painter.generate(hole); }),
            "strength: this model's inpainting begins with noise alone, expected 1");
}

}  // namespace velatura::testing
