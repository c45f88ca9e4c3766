#include "selftest/small_networks.h"

#include <ATen/ATen.h>

#include "models/clip_text/clip_text_model.h"
#include "models/unet/unet_2d_condition_model.h"
#include "models/vae/autoencoder_kl.h"
#include "selftest/fill.h"

namespace velatura::selftest {
namespace {

constexpr std::int64_t kContext = 32;

at::Tensor text_encoder_output(at::Device device, at::ScalarType dtype) {
  models::ClipTextConfig config;
  config.vocab_size = 64;
  config.hidden_size = kContext;
  config.intermediate_size = 128;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 4;
  models::ClipTextModel model(config);
  fill(model, device, dtype);
  const at::Tensor ids = at::arange(config.max_position_embeddings, device).remainder(64);
  return model.forward(ids.unsqueeze(0)).hidden;
}

at::Tensor unet_output(at::Device device, at::ScalarType dtype) {
  const auto level = [](const char* down, const char* up, std::int64_t channels) {
    return models::UNetLevel{.down = down,
                             .up = up,
                             .channels = channels,
                             .layers = 1,
                             .heads = 4,
                             .cross_attention_dim = kContext,
                             .down_transformer_layers = {1},
                             .up_transformer_layers = {1, 1},
                             .only_cross_attention = false};
  };
  models::UNetConfig config;
  config.levels = {level("CrossAttnDownBlock2D", "CrossAttnUpBlock2D", 32),
                   level("DownBlock2D", "UpBlock2D", 64)};
  config.norm_num_groups = 8;
  config.time_embedding_dim = 128;
  models::UNet2DConditionModel model(config);
  fill(model, device, dtype);
  const at::Tensor latents = numbers("latents", {2, config.in_channels, 16, 16});
  const at::Tensor context = numbers("encoder_hidden_states", {2, 77, kContext});
  const at::Tensor timesteps = at::full({2}, 500, at::device(device).dtype(at::kFloat));
  return model.forward(latents.to(device, dtype), timesteps, {context.to(device, dtype)});
}

at::Tensor vae_output(at::Device device, at::ScalarType dtype) {
  models::VaeConfig config;
  config.block_out_channels = {32, 64};
  config.norm_num_groups = 8;
  models::AutoencoderKL model(config);
  fill(model, device, dtype);
  const at::Tensor pixels = numbers("pixels", {1, config.in_channels, 32, 32}).to(device, dtype);
  const at::Tensor latents = model.encode(pixels).mean;
  return at::cat({latents.flatten(), model.decode(latents).flatten()});
}

// The figures are those of a build whose networks equal diffusers' (tests/models).
constexpr auto kNetworks = std::to_array<SmallNetwork>({
    {"text encoder",
     text_encoder_output,
     {-0.021166848f, 0.396022469f, -1.41137481f, 0.639293075f, -0.152933136f, 0.0508886091f}},
    {"unet",
     unet_output,
     {0.0888844356f, 0.630511343f, -0.226998627f, -0.189480901f, 0.992647469f, 0.165635407f}},
    {"vae",
     vae_output,
     {-0.110525265f, 0.603354931f, 1.19852805f, 0.226374775f, -0.780690312f, -0.474233508f}},
});

}  // namespace

std::span<const SmallNetwork> small_networks() {
  return kNetworks;
}

}  // namespace velatura::selftest
