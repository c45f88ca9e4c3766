// ControlNets and T2I-Adapters in whole pipelines, against diffusers' as recorded by
// scripts/fixtures/make_control_pipeline_fixtures.py.
#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "generator/request_checker.h"
#include "pipelines/cases.h"
#include "pipelines/recorded_pictures.h"
#include "weights/formats/safetensors.h"

namespace velatura::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kControlCases = "controls";

const weights::SafetensorsFile& control_fixtures() {
  static const weights::SafetensorsFile file(case_stem(kControlCases) + ".safetensors");
  return file;
}

Image control_image(const std::string& name) {
  return image_in(control_fixtures(), name);
}

GrayImage mask_of(const std::string& name) {
  return gray_image_in(control_fixtures(), name);
}

std::string control_path(const std::string& name) {
  return kModels + "tiny-control/" + name;
}

void add_controls(const nlohmann::json& json, PictureRequest& request) {
  for (const auto& control : json["controls"]) {
    request.controls.push_back({.model = control_path(control["model"]),
                                .image = control_image(control["image"]),
                                .scale = control["scale"],
                                .start = control["start"],
                                .end = control["end"]});
  }
  request.guess_mode = json.value("guess_mode", false);
}

template <class Task>
Task begun_with_controls(const nlohmann::json& json) {
  Task request;
  read_common(json, request);
  read_size(json, request);
  add_controls(json, request);
  if constexpr (requires { request.strength; }) {
    request.image = control_image(json["image"]);
    request.strength = json["strength"];
  }
  return request;
}

Request control_request(const nlohmann::json& json) {
  if (json["task"] == "img2img") return begun_with_controls<ImageToImage>(json);
  if (json["task"] == "txt2img") return begun_with_controls<TextToImage>(json);
  auto request = begun_with_controls<Inpaint>(json);
  request.mask = mask_of("mask");
  request.paste = false;
  return request;
}

TextToImage request_named(const std::string& name) {
  return std::get<TextToImage>(
      control_request(read_json(case_stem(kControlCases) + ".json")[name]));
}

std::string refusal_of(const TextToImage& request) {
  RequestChecker checker({.model = kModels + "tiny"});
  return message_of([&] { checker.check(request); });
}

}  // namespace

class ControlsParity : public ::testing::TestWithParam<std::string> {};

TEST_P(ControlsParity, EqualDiffusers) {
  const auto json = read_json(case_stem(kControlCases) + ".json")[GetParam()];
  const auto latents = control_fixtures().load(GetParam() + ".latents");
  Request request = control_request(json);
  auto generator = tiny();
  expect_pictures(generator.generate(request), latents,
                  control_fixtures().load(GetParam() + ".pixels"));

  auto& any = std::visit([](PictureRequest& all) -> PictureRequest& { return all; }, request);
  for (ControlUse& control : any.controls) control.scale = 0;
  EXPECT_FALSE(all_near(tensor_of(generator.generate(request)[0].latents), latents, 1e-2));
}

INSTANTIATE_TEST_SUITE_P(Requests, ControlsParity, ::testing::ValuesIn(case_names(kControlCases)),
                         [](const auto& info) { return info.param; });

TEST(Controls, PicturesOfOneBatchKeepTheirOwnHints) {
  auto one = request_named("net"), other = one;
  other.controls[0].image = control_image("large");
  auto generator = tiny();
  std::vector<Picture> together;
  generator.generate(std::vector<Request>{one, other}, 2, [&](std::size_t, Picture&& picture) {
    together.push_back(std::move(picture));
  });
  ASSERT_EQ(together.size(), 2u);
  const auto first = tensor_of(generator.generate(one)[0].latents);
  const auto second = tensor_of(generator.generate(other)[0].latents);
  EXPECT_TRUE(all_near(tensor_of(together[0].latents), first, 1e-5));
  EXPECT_TRUE(all_near(tensor_of(together[1].latents), second, 1e-5));
  EXPECT_FALSE(all_near(first, second, 1e-4));
}

TEST(Controls, SayThatAPictureOfAnotherSizeIsStretched) {
  Recorder observer;
  const auto pictures = tiny().generate(request_named("other_size"), &observer);
  EXPECT_THAT(observer.warnings,
              ElementsAre("control picture is stretched from 40x33 to 24x16 pixels"));
  ASSERT_EQ(pictures[0].control_images.size(), 1u);
  EXPECT_EQ(pictures[0].control_images[0].pixels, control_image("large").pixels);
}

TEST(Controls, ShowWhatWasMadeOfThePicture) {
  auto request = request_named("net");
  request.controls[0].preprocess = "invert";
  const auto inverted = tiny().generate(request);
  Image by_hand = control_image("hint");
  for (auto& value : by_hand.pixels) value = static_cast<std::uint8_t>(255 - value);
  EXPECT_EQ(inverted[0].control_images.at(0).pixels, by_hand.pixels);
  request.controls[0].preprocess = "none";
  request.controls[0].image = by_hand;
  EXPECT_EQ(tensor_of(tiny().generate(request)[0].latents).equal(tensor_of(inverted[0].latents)),
            true);
}

TEST(Controls, InpaintingHidesWhatIsMasked) {
  const auto json = read_json(case_stem(kControlCases) + ".json")["inpaint"];
  auto request = std::get<Inpaint>(control_request(json));
  const auto latents_with = [&](const std::string& preprocess, const Image& hint) {
    request.controls[0].preprocess = preprocess;
    request.controls[0].image = hint;
    return tensor_of(tiny().generate(request)[0].latents);
  };
  Image hint = control_image("hint"), other = hint;
  for (int y = 4; y < 12; ++y) {
    for (int x = 12; x < 18; ++x) other.pixels[static_cast<std::size_t>(3 * (y * 24 + x))] ^= 255;
  }
  EXPECT_TRUE(latents_with("inpaint", hint).equal(latents_with("inpaint", other)));
  EXPECT_FALSE(latents_with("none", hint).equal(latents_with("none", other)));
  EXPECT_FALSE(latents_with("inpaint", hint).equal(latents_with("none", hint)));
}

TEST(Controls, ReceiptsSayWhatWebUisSay) {
  auto request = request_named("guess_mode");
  request.controls[0].preprocess = "canny:50:80";
  request.controls[0].end = 0.5;
  const auto picture = std::move(tiny().generate(request)[0]);
  EXPECT_THAT(picture.metadata.parameters,
              HasSubstr("ControlNet 0: \"Module: canny, Model: net ["));
  EXPECT_THAT(picture.metadata.parameters,
              HasSubstr("], Weight: 1, Resize Mode: Just Resize, Threshold A: 50, Threshold B: 80, "
                        "Guidance Start: 0, Guidance End: 0.5, Control Mode: ControlNet is more "
                        "important\""));
}

TEST(Controls, RefuseBeforeWeightsAreLoadedWhatDoesNotGo) {
  const auto net = request_named("net");
  EXPECT_EQ(refusal_of(net), "");
  auto request = net;
  request.controls[0].image = {};
  EXPECT_EQ(refusal_of(request), "control " + control_path("net") + " has no control-image");
  request = net;
  request.controls[0].start = 0.5;
  request.controls[0].end = 0.5;
  EXPECT_EQ(refusal_of(request), "control-start is not below control-end");
  request = net;
  request.controls[0].preprocess = "sketch";
  EXPECT_THAT(refusal_of(request), HasSubstr("control-preprocess sketch: expected none, canny"));
  request.controls[0].preprocess = "inpaint";
  EXPECT_EQ(refusal_of(request), "control-preprocess inpaint needs a mask: it goes with inpaint");
  request.controls[0].preprocess = "depth";
  EXPECT_THAT(refusal_of(request), HasSubstr("this model brings no depth estimator"));
  request.depth_estimator = kModels + "tiny-depth-estimator";
  EXPECT_EQ(refusal_of(request), "");
  request.depth_estimator = kModels + "tiny";
  EXPECT_THAT(refusal_of(request), HasSubstr("tiny: not a depth estimator's folder"));
  request = net;
  request.depth_estimator = kModels + "tiny-depth-estimator";
  EXPECT_THAT(refusal_of(request), HasSubstr("depth-estimator goes with depth2img"));
  request = request_named("adapter");
  request.guess_mode = true;
  EXPECT_EQ(refusal_of(request), "guess-mode is for ControlNets: there is none in control");
  request = net;
  request.controls[0].model = kModels + "tiny";
  EXPECT_EQ(refusal_of(request), kModels +
                                     "tiny: is a whole model; expected a ControlNet or a "
                                     "T2I-Adapter: --model takes it");
  request.controls[0].model = kModels + "tiny/unet";
  EXPECT_THAT(refusal_of(request),
              HasSubstr("_class_name is \"UNet2DConditionModel\", expected \"ControlNetModel\" or "
                        "\"T2IAdapter\""));
  request.controls[0].model = kModels + "none";
  EXPECT_EQ(refusal_of(request), kModels + "none: there is no such ControlNet folder or file");
}

}  // namespace velatura::testing
