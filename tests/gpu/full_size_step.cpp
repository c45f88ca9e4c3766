#include "gpu/full_size_step.h"

#include <ATen/ATen.h>

#include "families/controlnet_control.h"
#include "families/unet_backbone.h"
#include "models/unet/cross_attentions.h"
#include "models/vae/autoencoder_kl.h"
#include "pipelines/denoisers/make_denoiser.h"

namespace velatura::testing {
namespace {

constexpr std::size_t kSteps = 20;
constexpr std::int64_t kTokens = 77, kPictureTokens = 4, kObjects = 30;
constexpr double kWeights = 0.02;  // their deviation: small enough for half precision

struct Shape {
  nlohmann::json config;
  std::int64_t side;
  std::int64_t told_width;  // of the text's tokens, or of the picture's vector
  std::int64_t variance_channels = 0;
};

Shape shape_of(const std::string& model) {
  if (model == "kandinsky") {
    const std::vector<std::string> down(3, "SimpleCrossAttnDownBlock2D"),
        up(3, "SimpleCrossAttnUpBlock2D");
    nlohmann::json config{{"block_out_channels", {384, 768, 1152, 1536}},
                          {"layers_per_block", 3},
                          {"attention_head_dim", 64},
                          {"resnet_time_scale_shift", "scale_shift"},
                          {"down_block_types", {"ResnetDownsampleBlock2D"}},
                          {"up_block_types", up},
                          {"mid_block_type", "UNetMidBlock2DSimpleCrossAttn"},
                          {"cross_attention_dim", 768},
                          {"encoder_hid_dim_type", "image_proj"},
                          {"encoder_hid_dim", 1280},
                          {"addition_embed_type", "image"},
                          {"out_channels", 8}};
    for (const std::string& type : down) config["down_block_types"].push_back(type);
    config["up_block_types"].push_back("ResnetUpsampleBlock2D");
    return {config, 64, 1280, 4};
  }
  if (model.starts_with("sd15")) {
    nlohmann::json config{{"cross_attention_dim", 768}, {"attention_head_dim", 8}};
    if (model == "sd15-objects") config["attention_type"] = "gated";
    return {config, 64, 768};
  }
  return {{{"block_out_channels", {320, 640, 1280}},
           {"down_block_types", {"DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"}},
           {"up_block_types", {"CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"}},
           {"transformer_layers_per_block", {1, 2, 10}},
           {"attention_head_dim", {5, 10, 20}},
           {"cross_attention_dim", 2048},
           {"use_linear_projection", true}},
          128,
          2048};
}

void fill(const layers::Module& network, const at::TensorOptions& options) {
  for (auto& [name, parameter] : network.parameters())
    parameter.set_data(at::randn(parameter.sizes(), options) * kWeights);
}

pipelines::Control control_of(const nlohmann::json& config, std::int64_t side,
                              const at::TensorOptions& options) {
  const auto network = std::make_shared<models::ControlNetModel>(
      models::ControlNetConfig::read(ConfigObject("control", config)));
  fill(*network, options);
  return {std::make_shared<families::ControlNetControl>(network, families::FaultFinder()),
          at::rand({1, 3, 8 * side, 8 * side}, options.dtype(at::kFloat))};
}

pipelines::PictureConditioning pictures_for(const models::UNetConfig& unet,
                                            const at::TensorOptions& options) {
  pipelines::PictureConditioning pictures{.keys = {}, .values = {}, .scale = 0.6};
  for (const std::int64_t width : models::cross_attention_widths(unet)) {
    pictures.keys.push_back(at::randn({2, kPictureTokens, width}, options));
    pictures.values.push_back(at::randn({2, kPictureTokens, width}, options));
  }
  return pictures;
}

}  // namespace

FullSizeStep::FullSizeStep(const std::string& model, at::Device device, at::ScalarType dtype,
                           Offload offload) {
  const auto options = at::TensorOptions(dtype).device(device);
  const auto [config, side, width, variances] = shape_of(model);
  const auto unet = std::make_shared<models::UNet2DConditionModel>(
      models::UNetConfig::read(ConfigObject(model, config)));
  if (offload == Offload::none) {
    fill(*unet, options);
  } else {
    for (auto& [name, parameter] : unet->parameters())
      parameter.set_data(at::zeros(parameter.sizes(), dtype));
    unet->offload(device, offload == Offload::layers);
  }
  pipelines::DenoiserOptions how{
      .conditioning = {}, .guidance = {{7.5}}, .variance_channels = variances};
  if (unet->config().image_embed_dim() > 0) {
    how.conditioning.image_embeds = at::randn({2, width}, options);
  } else {
    how.conditioning.context = at::randn({2, kTokens, width}, options);
  }
  if (model == "sd15-control") how.controls.all.push_back(control_of(config, side, options));
  if (model == "sd15-objects") how.conditioning.objects = at::randn({2, kObjects, width}, options);
  if (model == "sd15-pictures") {
    how.conditioning.pictures.push_back(pictures_for(unet->config(), options));
    how.adapter_steps.pictures.emplace_back();
  }
  denoiser_ = pipelines::make_denoiser(std::make_shared<families::UNetBackbone>(unet), how);
  for (std::size_t i = 0; i < kSteps; ++i) timesteps_.push_back(900.0 - static_cast<double>(i));
  latents_ = at::randn({1, 4, side, side}, options.dtype(at::kFloat));
}

at::Tensor FullSizeStep::predict(std::size_t step) const {
  const auto side = static_cast<int>(latents_.size(3));
  return denoiser_->predict(
      {latents_, timesteps_.at(step), step, kSteps, {0, 0, side, side}, {}, timesteps_});
}

std::function<void()> full_size_decoding(at::Device device, at::ScalarType dtype) {
  const auto options = at::TensorOptions(dtype).device(device);
  const nlohmann::json config{
      {"block_out_channels", {128, 256, 512, 512}},
      {"down_block_types", std::vector<std::string>(4, "DownEncoderBlock2D")},
      {"up_block_types", std::vector<std::string>(4, "UpDecoderBlock2D")},
      {"layers_per_block", 2}};
  const auto vae =
      std::make_shared<models::AutoencoderKL>(models::VaeConfig::read(ConfigObject("vae", config)));
  fill(*vae, options);
  return [vae, latents = at::randn({1, 4, 64, 64}, options)] { vae->decode(latents); };
}

}  // namespace velatura::testing
