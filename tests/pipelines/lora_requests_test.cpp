#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "pipelines/cases.h"
#include "pipelines/requests.h"
#include "weights/files.h"
#include "weights/formats/safetensors.h"
#include "weights/write/write_safetensors.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;

const std::string kAdapters = VELATURA_FIXTURES "/adapters/";

/// A LoRA as the formula has it: what a fixture adds, and how much of it.
struct Formula {
  std::string expected;
  double scale = 1.0, text_scale = 1.0;
  BlockScales blocks = {};
};

double share_of(const BlockScales& blocks, const std::string& name) {
  if (name.starts_with("down_blocks")) return blocks.down;
  if (name.starts_with("mid_block")) return blocks.mid;
  return name.starts_with("up_blocks") ? blocks.up : 1.0;
}

class LoraRequests : public ::testing::Test {
 protected:
  static LoraUse lora(const std::string& name) {
    return {.file = kAdapters + name + ".safetensors"};
  }
  static TextToImage request(std::vector<LoraUse> loras, int kind = 1) {
    auto request = request_of_kind<TextToImage>(kind);
    request.loras = std::move(loras);
    return request;
  }
  at::Tensor latents(Generator& generator, const Request& request) {
    return tensor_of(generator.generate(request).front().latents);
  }
  at::Tensor latents(const Request& request) { return latents(generator_, request); }

  /// The tiny model with what formulas say in its weights, written as a model of its own.
  Generator merged(const std::vector<Formula>& formulas) {
    const fs::path folder = folder_ / std::to_string(++models_);
    fs::copy(VELATURA_FIXTURES "/models/tiny", folder, fs::copy_options::recursive);
    merge(folder / "unet/diffusion_pytorch_model.safetensors", "unet", formulas);
    merge(folder / "text_encoder/model.safetensors", "text_encoder", formulas);
    return Generator({.model = folder, .device = "cpu"});
  }

  weights::testing::Folder folder_;
  Generator generator_ = open_fixture("tiny");

 private:
  static void merge(const fs::path& file, const std::string& part,
                    const std::vector<Formula>& formulas) {
    const weights::SafetensorsFile all(kAdapters + "expected.safetensors");
    std::map<std::string, at::Tensor> tensors;
    {
      const weights::SafetensorsFile stored(file);
      for (const auto& name : stored.names()) tensors[name] = stored.load(name).to(at::kFloat);
    }
    for (const auto& [expected, scale, text_scale, blocks] : formulas) {
      const std::string begin = expected + "|1.0|" + part + "|";
      for (const std::string& name : all.names()) {
        if (!name.starts_with(begin)) continue;
        std::string parameter = name.substr(begin.size());
        const double s = part == "unet" ? scale * share_of(blocks, parameter) : text_scale;
        if (!tensors.contains(parameter)) parameter = parameter.substr(sizeof "text_model." - 1);
        tensors.at(parameter).add_(all.load(name), s);
      }
    }
    weights::write_safetensors(file, tensors);
  }
  int models_ = 0;
};

TEST_F(LoraRequests, MakeWhatMergedWeightsMake) {
  struct Row {
    std::vector<LoraUse> loras;
    std::vector<Formula> formulas;
  };
  auto weak = lora("kohya"), other = lora("loha"), text = lora("peft"), shares = lora("lycoris");
  weak.scale = 0.4;
  other.scale = -0.7;
  text.scale = 0.5;
  text.text_scale = 1.5;
  shares.blocks = {.down = 0.5, .mid = 0.0, .up = 0.8};
  const std::vector<Row> rows{
      {{lora("kohya")}, {{"plain"}}},
      {{weak}, {{"plain", 0.4, 0.4}}},
      {{text}, {{"plain", 0.5, 1.5}}},
      {{shares}, {{"plain", 1.0, 1.0, shares.blocks}}},
      {{lora("kohya"), other}, {{"plain"}, {"loha", -0.7}}},
      {{other, text, lora("lokr")}, {{"loha", -0.7}, {"plain", 0.5, 1.5}, {"lokr"}}},
      {{lora("dora_rows"), lora("locon_mid")}, {{"dora_rows"}, {"locon_mid"}}},
  };
  const auto without = latents(request({}));
  for (const auto& [loras, formulas] : rows) {
    auto model = merged(formulas);
    const auto found = latents(request(loras));
    EXPECT_TRUE(all_near(found, latents(model, request({})), 1e-4)) << loras[0].file;
    EXPECT_FALSE(all_near(found, without, 1e-2)) << loras[0].file;
  }
}

TEST_F(LoraRequests, LeaveNoTrace) {
  const auto before = latents(request({}));
  const auto with = latents(request({lora("kohya"), lora("dora_columns")}));
  EXPECT_FALSE(at::equal(with, before));
  EXPECT_TRUE(at::equal(latents(request({})), before));
  EXPECT_TRUE(at::equal(latents(request({lora("kohya"), lora("dora_columns")})), with));
  auto off = lora("kohya");
  off.scale = 0;
  EXPECT_TRUE(at::equal(latents(request({off})), before));
}

TEST_F(LoraRequests, ThatAreRefusedChangeNothing) {
  const auto with = latents(request({lora("kohya")}));
  EXPECT_THROW(latents(request({lora("loha"), lora("no such file")})), InputError);
  EXPECT_TRUE(at::equal(latents(request({lora("kohya")})), with));
}

TEST_F(LoraRequests, RememberPromptsForEachSetOfWeights) {
  auto only_text = lora("kohya");
  only_text.scale = 0;
  only_text.text_scale = 2;
  const auto without = latents(request({}));
  const auto with = latents(request({only_text}));
  EXPECT_FALSE(all_near(with, without, 1e-2));
  for (int again = 0; again < 2; ++again) {
    EXPECT_TRUE(at::equal(latents(request({})), without));
    EXPECT_TRUE(at::equal(latents(request({only_text})), with));
  }
}

TEST_F(LoraRequests, ShareBatchesOnlyWithTheirEquals) {
  const std::vector<Request> requests{request({}, 0), request({lora("kohya")}, 0),
                                      request({lora("kohya")}, 1), request({lora("loha")}, 1),
                                      request({}, 1)};
  std::vector<at::Tensor> together;
  generator_.generate(requests, 8, [&](std::size_t, Picture&& picture) {
    together.push_back(tensor_of(picture.latents));
  });
  ASSERT_EQ(together.size(), requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_TRUE(all_near(together[i], latents(requests[i]), 1e-4)) << i;
  }
}

TEST_F(LoraRequests, OfEveryTask) {
  const auto changes = [](const std::string& model, auto request) {
    Generator generator = open_fixture(model);
    const auto without = tensor_of(generator.generate(request).front().latents);
    request.loras = {lora("kohya")};
    const auto with = tensor_of(generator.generate(request).front().latents);
    EXPECT_FALSE(all_near(with, without, 1e-2)) << model;
  };
  changes("tiny", request_of_kind<ImageToImage>(1));
  changes("tiny", request_of_kind<Inpaint>(1));
  changes("tiny-inpaint", request_of_kind<Inpaint>(1));
  changes("tiny-depth", request_of_kind<DepthToImage>(1));
}

}  // namespace
}  // namespace velatura::testing
