// What a UNet works out once for a run gives what it works out at each step.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>

#include "core/device.h"
#include "families/unet_backbone.h"
#include "support/random_weights.h"

namespace velatura::families {
namespace {

struct Kind {
  std::string name;
  nlohmann::json config;
  pipelines::Conditioning told;  ///< beside the text
  at::Tensor class_labels = {};
};

nlohmann::json small_unet(const nlohmann::json& more) {
  nlohmann::json config{{"block_out_channels", {32, 64}},
                        {"down_block_types", {"CrossAttnDownBlock2D", "DownBlock2D"}},
                        {"up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D"}},
                        {"layers_per_block", 1},
                        {"cross_attention_dim", 16},
                        {"attention_head_dim", 4},
                        {"norm_num_groups", 8}};
  config.update(more);
  return config;
}

nlohmann::json kandinsky_unet(const nlohmann::json& more) {
  nlohmann::json config =
      small_unet({{"down_block_types", {"ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"}},
                  {"up_block_types", {"SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"}},
                  {"mid_block_type", "UNetMidBlock2DSimpleCrossAttn"},
                  {"resnet_time_scale_shift", "scale_shift"},
                  {"encoder_hid_dim", 16}});
  config.update(more);
  return config;
}

std::vector<Kind> kinds() {
  const at::Tensor pooled = at::randn({2, 16}), sizes = at::full({2, 6}, 64.0);
  const at::Tensor vector = at::randn({2, 16});
  return {{"plain", small_unet(nlohmann::json::object()), {}},
          {"class labels", small_unet({{"num_class_embeds", 10}}), {}, at::tensor({3L, 3L})},
          {"pooled text and sizes",
           small_unet({{"addition_embed_type", "text_time"},
                       {"addition_time_embed_dim", 8},
                       {"projection_class_embeddings_input_dim", 64}}),
           {.context = {}, .pooled = pooled, .time_ids = sizes}},
          {"time as scale and shift", small_unet({{"resnet_time_scale_shift", "scale_shift"}}), {}},
          {"picture and text",
           kandinsky_unet({{"addition_embed_type", "text_image"},
                           {"encoder_hid_dim_type", "text_image_proj"}}),
           {.context = {}, .pooled = pooled, .image_embeds = vector}},
          {"picture and hint",
           kandinsky_unet({{"addition_embed_type", "image_hint"},
                           {"encoder_hid_dim_type", "image_proj"},
                           {"in_channels", 8}}),
           {.context = {}, .image_embeds = vector, .hint = at::rand({2, 3, 64, 64})}}};
}

at::Tensor on(const at::Tensor& x, at::Device device) {
  return x.defined() ? x.to(device) : x;
}

// Of three steps of a run.
at::Tensor predictions(const Kind& kind, const std::shared_ptr<models::UNet2DConditionModel>& unet,
                       at::Device device, bool begun) {
  const std::vector<double> timesteps{900, 500.5, 20};
  const UNetBackbone backbone(unet);
  const at::Tensor text = at::sin(at::arange(2 * 5 * 16, at::kFloat)).view({2, 5, 16});
  const pipelines::Conditioning told{.context = text.to(device),
                                     .pooled = on(kind.told.pooled, device),
                                     .time_ids = on(kind.told.time_ids, device),
                                     .image_embeds = on(kind.told.image_embeds, device),
                                     .hint = on(kind.told.hint, device)};
  const at::Tensor labels = on(kind.class_labels, device);
  const auto run = begun ? backbone.begin(told, labels, timesteps) : nullptr;
  std::vector<at::Tensor> all;
  for (std::size_t step = 0; step < timesteps.size(); ++step) {
    const at::Tensor latents = at::cos(at::arange(2 * 4 * 8 * 8, at::kFloat)).view({2, 4, 8, 8});
    all.push_back(backbone
                      .predict({.latents = latents.to(device),
                                .timesteps = at::full({2}, timesteps[step], device),
                                .class_labels = labels,
                                .conditioning = told,
                                .run = run.get(),
                                .step = step})
                      .cpu());
  }
  return at::stack(all);
}

TEST(UNetRun, GivesWhatItsStepsWouldGive) {
  const c10::InferenceMode inference;
  const at::Device device = choose_placement("cuda", DType::automatic).device;
  for (const Kind& kind : kinds()) {
    const auto made = [&](at::Device where) {
      auto unet = std::make_shared<models::UNet2DConditionModel>(
          models::UNetConfig::read(ConfigObject(kind.name, kind.config)));
      testing::randomise(*unet);
      for (auto& [name, parameter] : unet->parameters()) parameter.set_data(parameter.to(where));
      return unet;
    };
    const auto difference = [](const at::Tensor& a, const at::Tensor& b) {
      return ((a - b).abs().max() / b.abs().max()).item<double>();
    };
    const at::Tensor here = predictions(kind, made(at::kCPU), at::kCPU, false);
    const auto unet = made(device);
    EXPECT_LE(difference(predictions(kind, unet, device, false), here), 1e-5) << kind.name;
    for (const char* const graphs : {"off", "on"}) {
      setenv("VELATURA_CUDA_GRAPHS", graphs, 1);
      EXPECT_LE(difference(predictions(kind, unet, device, true), here), 1e-5)
          << kind.name << ", graphs " << graphs;
    }
    unsetenv("VELATURA_CUDA_GRAPHS");
  }
}

}  // namespace
}  // namespace velatura::families
