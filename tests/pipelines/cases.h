#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/config_object.h"
#include "samplers/names.h"
#include "support/compare.h"
#include "support/fixture_models.h"
#include "velatura/error.h"
#include "velatura/generator.h"

namespace velatura::testing {

inline Generator tiny() {
  return Generator({.model = kModels + "tiny", .device = "cpu", .dtype = DType::float32});
}

/// A file of named requests, `pipelines/NAME.json`, beside what diffusers made of them.
inline std::string case_stem(const std::string& name) {
  return std::string(VELATURA_FIXTURES) + "/pipelines/" + name;
}

inline std::vector<std::string> case_names(const std::string& name) {
  std::vector<std::string> result;
  const auto all = read_json(case_stem(name) + ".json");
  for (const auto& item : all.items()) result.push_back(item.key());
  return result;
}

/// What requests of all tasks have in common.
inline void read_common(const nlohmann::json& json, PictureRequest& request) {
  request.prompt = json["prompt"];
  if (!json["negative_prompt"].is_null()) request.negative_prompt = json["negative_prompt"];
  request.steps = json["steps"];
  request.guidance_scale = json["guidance_scale"];
  request.guidance_rescale = json.value("guidance_rescale", 0.0);
  request.clip_skip = json.value("clip_skip", 0);
  request.seed = json["seed"];
  request.num_images = json["num_images"];
  request.sampling.eta = json["eta"];
  if (json["sampler"] != "") {
    const auto parsed = samplers::parse_sampler(json["sampler"].get<std::string>());
    request.sampling.sampler = parsed.sampler;
    request.sampling.schedule = parsed.schedule;
  }
  if (json.value("schedule", "") != "") {
    request.sampling.schedule = samplers::parse_schedule(json["schedule"].get<std::string>());
  }
}

template <class Task>
void read_size(const nlohmann::json& json, Task& request) {
  if (json.contains("width")) request.width = json["width"].get<int>();
  if (json.contains("height")) request.height = json["height"].get<int>();
}

inline at::Tensor tensor_of(const Latents& latents) {
  return at::tensor(latents.values).view(latents.shape);
}

/// Latents within 1e-4, bytes within one level.
/// @param latents [N, C, h, w]  @param pixels [N, H, W, 3]
inline void expect_pictures(const std::vector<Picture>& pictures, const at::Tensor& latents,
                            const at::Tensor& pixels) {
  ASSERT_EQ(static_cast<std::int64_t>(pictures.size()), pixels.size(0));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    const auto& picture = pictures[i];
    EXPECT_TRUE(all_near(tensor_of(picture.latents), latents.narrow(0, index, 1), 1e-4));
    ASSERT_EQ(picture.image.height, pixels.size(1));
    ASSERT_EQ(picture.image.width, pixels.size(2));
    const auto found =
        at::tensor(at::ArrayRef<std::uint8_t>(picture.image.pixels)).view(pixels[index].sizes());
    EXPECT_LE((found.to(at::kInt) - pixels[index].to(at::kInt)).abs().max().item<int>(), 1);
  }
}

inline int largest_difference(const Image& a, const Image& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
  }
  return largest;
}

/// One that a test may change.
inline TextToImage short_request() {
  TextToImage request;
  request.prompt = "a red cat";
  request.steps = 3;
  request.seed = 5;
  return request;
}

/// Hears what a run says, and can end it.
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

/// The message of the Error that a call ends with; "" if it ends with none.
template <class Kind = Error>
std::string message_of(const auto& call) {
  try {
    call();
  } catch (const Kind& error) {
    return error.what();
  }
  return "";
}

}  // namespace velatura::testing
