#include "weights/layouts/model_spec.h"

#include <gtest/gtest.h>

#include "weights/family_checkpoint.h"
#include "weights/files.h"

namespace velatura::weights {
namespace {

class ModelSpec : public ::testing::Test {
 protected:
  std::map<std::string, std::string> spec(const std::string& configs, std::int64_t in_channels,
                                          const std::map<std::string, std::string>& metadata = {}) {
    const auto tensors = testing::family_checkpoint(configs, in_channels);
    const auto files =
        open_model(folder.write("m.safetensors", testing::encoded(tensors, metadata)));
    return model_spec(files, "stem");
  }
  testing::Folder folder;
};

TEST_F(ModelSpec, SaysWhatTheModelIs) {
  const std::map<std::string, std::string> expected{
      {"format", "pt"},
      {"modelspec.architecture", "stable-diffusion-v1"},
      {"modelspec.implementation", "https://github.com/CompVis/stable-diffusion"},
      {"modelspec.prediction_type", "epsilon"},
      {"modelspec.resolution", "512x512"},
      {"modelspec.sai_model_spec", "1.0.0"},
      {"modelspec.title", "stem"}};
  EXPECT_EQ(spec("stable-diffusion-1", 4), expected);
}

TEST_F(ModelSpec, KnowsEveryFamily) {
  const auto architecture = [&](const std::string& configs, int in_channels) {
    return spec(configs, in_channels).at("modelspec.architecture");
  };
  EXPECT_EQ(architecture("stable-diffusion-1", 9), "stable-diffusion-v1-inpainting");
  EXPECT_EQ(architecture("stable-diffusion-2", 4), "stable-diffusion-v2-768-v");
  EXPECT_EQ(architecture("stable-diffusion-2", 5), "stable-diffusion-v2-depth");
  EXPECT_EQ(architecture("stable-diffusion-2", 9), "stable-diffusion-v2-inpainting");
  EXPECT_EQ(architecture("stable-diffusion-x4-upscaler", 7), "stable-diffusion-x4-upscaler");
  EXPECT_EQ(spec("stable-diffusion-x4-upscaler", 7).at("modelspec.resolution"), "512x512");
  const auto v = spec("stable-diffusion-2", 4);
  EXPECT_EQ(v.at("modelspec.prediction_type"), "v");
  EXPECT_EQ(v.at("modelspec.resolution"), "768x768");
}

TEST_F(ModelSpec, KeepsWhatTheInputSays) {
  const auto kept = spec("stable-diffusion-2", 4,
                         {{"modelspec.title", "mine"},
                          {"modelspec.author", "me"},
                          {"modelspec.prediction_type", "epsilon"},
                          {"modelspec.hash_sha256", "0x1"},
                          {"note", "x"}});
  EXPECT_EQ(kept.at("modelspec.title"), "mine");
  EXPECT_EQ(kept.at("modelspec.author"), "me");
  EXPECT_EQ(kept.at("note"), "x");
  EXPECT_EQ(kept.at("modelspec.architecture"), "stable-diffusion-v2-512");
  EXPECT_EQ(kept.count("modelspec.hash_sha256"), 0u);
}

}  // namespace
}  // namespace velatura::weights
