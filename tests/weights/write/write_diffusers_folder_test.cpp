#include "weights/write/write_diffusers_folder.h"

#include <gmock/gmock.h>

#include "core/config_object.h"
#include "weights/family_checkpoint.h"
#include "weights/files.h"

namespace velatura::weights {
namespace {

using testing::Folder;

class WriteDiffusersFolder : public ::testing::Test {
 protected:
  ModelFiles written(const std::string& configs, std::int64_t in_channels) {
    const auto tensors = testing::family_checkpoint(configs, in_channels);
    input = open_model(folder.write("m.safetensors", testing::encoded(tensors)));
    write_diffusers_folder(folder / "d", *input, 1'000'000, [this] { ++count; });
    EXPECT_EQ(count, static_cast<int>(input->part("unet").weights->names().size() +
                                      input->part("vae").weights->names().size() +
                                      input->part("text_encoder").weights->names().size() +
                                      (input->find("depth_estimator") != nullptr ? 414 : 0)));
    std::filesystem::create_directories(folder / "d/tokenizer");
    index = read_json(folder / "d/model_index.json");
    return open_model(folder / "d");
  }
  Folder folder;
  std::optional<ModelFiles> input;
  nlohmann::json index;
  int count = 0;
};

TEST_F(WriteDiffusersFolder, HasConfigsAndWeightsOfEveryPart) {
  const ModelFiles model = written("stable-diffusion-1", 9);
  EXPECT_EQ(model.pipeline_class, "StableDiffusionInpaintPipeline");
  EXPECT_EQ(model.config("scheduler").json(), input->config("scheduler").json());
  EXPECT_EQ(model.part("unet").config.json(), input->part("unet").config.json());
  EXPECT_EQ(model.part("vae").config.json(), input->part("vae").config.json());
  EXPECT_EQ(model.part("text_encoder").config.json(), input->part("text_encoder").config.json());
  EXPECT_EQ(model.part("unet").weights->names(), input->part("unet").weights->names());
  EXPECT_EQ(index.at("scheduler"), nlohmann::json({"diffusers", "PNDMScheduler"}));
  EXPECT_EQ(index.at("safety_checker"), nlohmann::json({nullptr, nullptr}));
  EXPECT_EQ(index.at("requires_safety_checker"), false);
  EXPECT_TRUE(index.contains("_diffusers_version"));
}

TEST_F(WriteDiffusersFolder, UpscalersHaveASecondScheduler) {
  const ModelFiles model = written("stable-diffusion-x4-upscaler", 7);
  EXPECT_EQ(model.config("low_res_scheduler").json(), input->config("low_res_scheduler").json());
  EXPECT_EQ(index.at("low_res_scheduler"), nlohmann::json({"diffusers", "DDPMScheduler"}));
  EXPECT_EQ(index.at("max_noise_level"), 350);
  EXPECT_FALSE(index.contains("requires_safety_checker"));
}

TEST_F(WriteDiffusersFolder, DepthModelsHaveAnEstimator) {
  const ModelFiles model = written("stable-diffusion-2", 5);
  ASSERT_NE(model.find("depth_estimator"), nullptr);
  EXPECT_EQ(model.config("feature_extractor").json(), input->config("feature_extractor").json());
  EXPECT_EQ(model.part("depth_estimator").config.json(),
            input->part("depth_estimator").config.json());
  EXPECT_EQ(index.at("feature_extractor"), nlohmann::json({"transformers", "DPTImageProcessor"}));
  EXPECT_FALSE(index.contains("safety_checker"));
}

}  // namespace
}  // namespace velatura::weights
