#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "families/clip_conditioner.h"
#include "families/stable_diffusion.h"
#include "pipelines/cases.h"
#include "tokenizer/prompt_chunks.h"
#include "weights/formats/safetensors.h"

namespace velatura::testing {
namespace {

const std::string kCases = "weighted_prompts";

families::StableDiffusion loaded_tiny() {
  Observer deaf;
  return families::load_networks(weights::open_model(VELATURA_FIXTURES "/models/tiny"), {},
                                 {at::kFloat, std::nullopt}, deaf);
}

PictureRequest request_of(const nlohmann::json& json) {
  PictureRequest request;
  request.prompt = json["prompt"];
  request.negative_prompt = json["negative_prompt"];
  request.clip_skip = json["clip_skip"];
  request.prompt_syntax = PromptSyntax::webui;
  return request;
}

pipelines::PromptConditioning encode(const families::StableDiffusion& model,
                                     const PictureRequest& request, Observer& observer) {
  return families::ClipConditioner(model.tokenizer, model.text_encoder, at::kCPU)
      .encode(request, {}, {}, observer);
}

void expect_chunks(const std::vector<tokenizer::PromptChunk>& found,
                   const nlohmann::json& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].ids, expected[i]["ids"].get<std::vector<std::int64_t>>());
    const auto weights = expected[i]["weights"].get<std::vector<float>>();
    ASSERT_EQ(found[i].weights.size(), weights.size());
    for (std::size_t j = 0; j < weights.size(); ++j)
      EXPECT_FLOAT_EQ(found[i].weights[j], weights[j]) << j;
  }
}

}  // namespace

class WeightedPromptParity : public ::testing::TestWithParam<std::string> {};

TEST_P(WeightedPromptParity, EqualsTheRulesAppliedToTransformers) {
  const c10::InferenceMode inference;
  const auto json = read_json(case_stem(kCases) + ".json")[GetParam()];
  const weights::SafetensorsFile expected(case_stem(kCases) + ".safetensors");
  const auto model = loaded_tiny();
  const auto request = request_of(json);
  for (const auto& [side, text] : {std::pair{"prompt", request.prompt},
                                   std::pair{"negative_prompt", request.negative_prompt.value()}}) {
    const auto sections = tokenizer::parse_weighted_prompt(text);
    expect_chunks(chunk_prompt(model.tokenizer, sections, 24), json["chunks"][side]);
  }
  Recorder recorder;
  const auto found = encode(model, request, recorder);
  EXPECT_TRUE(all_near(found.prompt.context, expected.load(GetParam() + ".prompt"), 1e-5));
  EXPECT_TRUE(all_near(found.negative_prompt.context,
                       expected.load(GetParam() + ".negative_prompt"), 1e-5));
  EXPECT_TRUE(recorder.warnings.empty());
}

INSTANTIATE_TEST_SUITE_P(Prompts, WeightedPromptParity, ::testing::ValuesIn(case_names(kCases)),
                         [](const auto& info) { return info.param; });

TEST(TextEncoding, WithoutWeightsIsTheSameInBothSyntaxes) {
  const c10::InferenceMode inference;
  const auto model = loaded_tiny();
  Observer deaf;
  PictureRequest request;
  request.prompt = "a red circle";
  for (const int clip_skip : {0, 1}) {
    request.clip_skip = clip_skip;
    request.prompt_syntax = PromptSyntax::plain;
    const auto plain = encode(model, request, deaf);
    request.prompt_syntax = PromptSyntax::webui;
    const auto webui = encode(model, request, deaf);
    EXPECT_TRUE(at::equal(plain.prompt.context, webui.prompt.context));
    EXPECT_TRUE(at::equal(plain.negative_prompt.context, webui.negative_prompt.context));
  }
}

TEST(TextEncoding, PlainTextKeepsItsBrackets) {
  const c10::InferenceMode inference;
  const auto model = loaded_tiny();
  Observer deaf;
  PictureRequest request;
  request.prompt = "(a:1.2) [b|c] AND <lora:x:1>";
  request.guidance_scale = 1;
  const auto ids = at::tensor(model.tokenizer.encode(request.prompt, 24).ids).unsqueeze(0);
  EXPECT_TRUE(at::equal(encode(model, request, deaf).prompt.context,
                        model.text_encoder->forward(ids).hidden));
}

}  // namespace velatura::testing
