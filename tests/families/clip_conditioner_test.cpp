#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "families/clip_conditioner.h"
#include "families/stable_diffusion.h"
#include "pipelines/cases.h"
#include "pipelines/requests.h"
#include "velatura/error.h"
#include "weights/files.h"
#include "weights/tensors.h"

namespace velatura::families {
namespace {

using pipelines::PromptConditioning;
using velatura::testing::Recorder;
using velatura::testing::request_of_kind;

class PromptEncoding : public ::testing::Test {
 protected:
  static StableDiffusion tiny() {
    Observer deaf;
    return load_networks(weights::open_model(VELATURA_FIXTURES "/models/tiny"), {},
                         {at::kFloat, std::nullopt}, deaf);
  }
  ClipConditioner conditioner() { return {model_.tokenizer, model_.text_encoder, at::kCPU}; }

  PromptConditioning encode(const PictureRequest& request) {
    return conditioner_.encode(request, {}, {}, recorder_);
  }
  PromptConditioning encode_afresh(const PictureRequest& request) {
    return conditioner().encode(request, {}, {}, recorder_);
  }

  c10::InferenceMode inference_;
  Recorder recorder_;
  StableDiffusion model_ = tiny();
  ClipConditioner conditioner_ = conditioner();
};

void expect_equal(const PromptConditioning& a, const PromptConditioning& b) {
  EXPECT_TRUE(at::equal(a.prompt.context, b.prompt.context));
  ASSERT_EQ(a.guided(), b.guided());
  if (!a.guided()) return;
  EXPECT_TRUE(at::equal(a.negative_prompt.context, b.negative_prompt.context));
}

TEST_F(PromptEncoding, RemembersWhatRepeats) {
  auto request = request_of_kind<TextToImage>(1);
  const auto first = encode(request);
  encode(request_of_kind<TextToImage>(0));
  request.seed = 99;
  request.guidance_scale = 3;
  const auto again = encode(request);
  EXPECT_TRUE(again.prompt.context.is_same(first.prompt.context));
  EXPECT_TRUE(again.negative_prompt.context.is_same(first.negative_prompt.context));
  request.prompt_syntax = PromptSyntax::webui;  // the same tokens and weights
  EXPECT_TRUE(encode(request).prompt.context.is_same(first.prompt.context));
}

TEST_F(PromptEncoding, TellsLearnedWordsApart) {
  const weights::testing::Folder folder;
  const auto width = model_.text_encoder->config().hidden_size;
  const auto write = [&](const char* name, double value) {
    return folder.write(name, weights::testing::encoded({{"zsty", at::full({2, width}, value)}}));
  };
  const auto one = write("one.safetensors", 0.1), two = write("two.safetensors", -0.2);
  auto request = request_of_kind<TextToImage>(1);
  request.prompt = "a zsty cat";
  const auto plain = encode(request);
  const auto with = [&](const std::filesystem::path& file) {
    request.embeddings = {{"", file}};
    return encode(request).prompt.context;
  };
  const auto first = with(one);
  EXPECT_FALSE(at::equal(first, plain.prompt.context));
  EXPECT_FALSE(at::equal(with(two), first));
  EXPECT_TRUE(at::equal(with(one), first));
  request.prompt_syntax = PromptSyntax::webui;
  EXPECT_TRUE(at::equal(with(one), first));
  request.embeddings = {};
  request.prompt_syntax = PromptSyntax::plain;
  expect_equal(encode(request), plain);
  request.embeddings = {{"zsty", one}, {"", two}};
  EXPECT_THROW(encode(request), UsageError) << "one name for two";
}

TEST_F(PromptEncoding, DoesNotDependOnWhatWentBefore) {
  auto request = request_of_kind<TextToImage>(1);
  encode(request);
  std::vector<PictureRequest> others(6, request);
  others[0].prompt = "another";
  others[1].negative_prompt = "another";
  others[2].clip_skip = 1;
  others[3].guidance_scale = 1;
  others[4].prompt_syntax = PromptSyntax::webui;
  others[4].prompt = "two (blue:1.3) dogs";
  others[5].prompt = request.negative_prompt.value();
  others[5].negative_prompt = request.prompt;
  for (const auto& other : others) {
    const auto found = encode(other);
    expect_equal(found, encode_afresh(other));
    expect_equal(encode(other), found);
  }
  expect_equal(encode(request), encode_afresh(request));
}

TEST_F(PromptEncoding, ForgetsTheOldest) {
  const auto oldest = request_of_kind<TextToImage>(0);
  const auto first = encode(oldest);
  auto request = oldest;
  for (int i = 0; i < 32; ++i) {
    request.prompt = std::string(static_cast<std::size_t>(i % 8 + 1), ',');
    request.negative_prompt = std::string(static_cast<std::size_t>(i / 8 + 1), ',');
    encode(request);
  }
  const auto again = encode(oldest);
  EXPECT_FALSE(again.prompt.context.is_same(first.prompt.context));
  expect_equal(again, first);
}

TEST_F(PromptEncoding, SaysForEachRequestWhatIsLeftOut) {
  auto request = request_of_kind<TextToImage>(0);
  for (int i = 0; i < 80; ++i) request.prompt += " cat";
  encode(request);
  encode(request);
  ASSERT_EQ(recorder_.warnings.size(), 2u);
  EXPECT_EQ(recorder_.warnings[0], recorder_.warnings[1]);
}

}  // namespace
}  // namespace velatura::families
