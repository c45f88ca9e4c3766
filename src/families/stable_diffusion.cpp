#include "families/stable_diffusion.h"

#include <utility>

#include "families/control_models.h"
#include "families/grounding_conditioner.h"
#include "families/guidance_conditioner.h"
#include "families/load_network.h"
#include "families/lora_adapters.h"
#include "families/model_parts.h"
#include "families/outline.h"
#include "families/picture_conditioner.h"
#include "families/unet_backbone.h"
#include "models/catalogue.h"
#include "weights/load_strict.h"

namespace velatura::families {

using pipelines::LatentModel;
using pipelines::LowRes;
using pipelines::ModelTraits;

namespace {

constexpr int kParts = 4;

std::optional<LowRes> low_res_of(const weights::ModelFiles& files) {
  const ConfigObject* const config = files.find_config("low_res_scheduler");
  if (config == nullptr) return std::nullopt;
  return LowRes{scheduler_of(*config), files.max_noise_level};
}

// As StableDiffusionPipeline and its siblings are written: depth to image and upscaling leave the
// scheduler's config as it is.
ModelTraits traits_of(const models::UNetConfig& unet) {
  return {.in_channels = unet.in_channels,
          .class_labels = unet.num_class_embeds != 0,
          .grounded = unet.gated,
          .sample_size = unet.sample_size,
          .scheduler_rewrites = {
              .text_to_image = {{"steps_offset", 1}, {"clip_sample", false}},
              .image_to_image = {{"steps_offset", 1}, {"clip_sample", false}},
              .inpaint = {{"steps_offset", 1}, {"skip_prk_steps", true}},
          }};
}

// Before any weights are read: parts that do not belong together are a model of nothing.
void check_fit(const weights::ModelFiles& files, const tokenizer::ClipTokenizer& tokenizer) {
  check_imagines_nothing(files.part("unet"));
  const auto text = models::ClipTextConfig::read(files.part("text_encoder").config);
  for (const auto& level : models::UNetConfig::read(files.part("unet").config).levels) {
    if (level.cross_attention_dim != text.hidden_size) {
      throw InputError(files.part("unet").config.where() + ": cross_attention_dim is " +
                       std::to_string(level.cross_attention_dim) + ", but the text encoder is " +
                       std::to_string(text.hidden_size) + " wide");
    }
  }
  check_tokenizer(files.part("text_encoder"), text, tokenizer);
}

}  // namespace

StableDiffusion load_networks(const weights::ModelFiles& files, const Placement& placement,
                              const CodecPlacement& vae_placement, Observer& observer) {
  for (const auto& warning : files.warnings) observer.on_warning(warning);
  int done = 0;
  const auto part_done = [&] {
    observer.on_progress({.stage = Stage::load_model, .done = ++done, .total = kParts});
    if (observer.cancelled()) throw Interrupted();
  };
  auto tokenizer = load_tokenizer(files.tokenizer("tokenizer"));
  check_fit(files, tokenizer);
  part_done();
  const auto load_vae = [placement, vae = files.part("vae")](at::ScalarType in) {
    return load_unpacked<models::AutoencoderKL, models::VaeConfig>(
        vae, {placement.device, in, placement.offload});
  };
  const weights::Part &text_part = files.part("text_encoder"), &unet_part = files.part("unet");
  const auto text_encoder =
      std::make_shared<models::ClipTextModel>(models::ClipTextConfig::read(text_part.config));
  auto text_weights = load_patchable(text_encoder, text_part, placement);
  part_done();
  const auto unet =
      std::make_shared<models::UNet2DConditionModel>(models::UNetConfig::read(unet_part.config));
  choose_weight_form(*unet, placement);
  auto unet_weights = load_patchable(unet, unet_part, placement);
  part_done();
  auto vae = std::make_unique<Autoencoder>(load_vae, placement.device, vae_placement.dtype,
                                           vae_placement.tile, FaultFinder(files.part("vae")));
  auto depth_estimators = load_depth_estimators(files, placement.device);
  part_done();
  return {.tokenizer = std::move(tokenizer),
          .text_encoder = text_encoder,
          .unet = unet,
          .vae = std::move(vae),
          .depth_estimators = std::move(depth_estimators),
          .text_weights = std::move(text_weights),
          .unet_weights = std::move(unet_weights)};
}

LatentModel outline_stable_diffusion(const weights::ModelFiles& files,
                                     std::optional<int> vae_tile) {
  check_fit(files, load_tokenizer(files.tokenizer("tokenizer")));
  for (const weights::Part& part : files.parts)
    weights::check_strict(models::network_parameters(part.class_name, part.config), *part.weights);
  const auto vae = models::VaeConfig::read(files.part("vae").config);
  check_vae_tile(vae_tile, vae.factor());
  const auto unet = models::UNetConfig::read(files.part("unet").config);
  const auto text = models::ClipTextConfig::read(files.part("text_encoder").config);
  return {
      .placement = {},
      .traits = traits_of(unet),
      .scheduler = scheduler_of(files.config("scheduler")),
      .conditioner = std::make_unique<PictureOutline>(
          std::make_unique<ConditionerOutline>(text, unet), unet, files.origin),
      .backbone = nullptr,
      .codec = std::make_unique<CodecOutline>(vae, vae_tile),
      .depth_estimators = outline_depth_estimators(files),
      .low_res = low_res_of(files),
      .controls = std::make_unique<UNetControlsOutline>(files.part("unet"), vae.latent_channels),
      .adapters = std::make_unique<LoraOutline>(adapted_layers(files))};
}

LatentModel load_stable_diffusion(const weights::ModelFiles& files, const Placement& placement,
                                  const CodecPlacement& vae_placement, Observer& observer) {
  auto networks = load_networks(files, placement, vae_placement, observer);
  const auto latent_channels = networks.vae->latent_channels();
  auto text = std::make_unique<ClipConditioner>(std::move(networks.tokenizer),
                                                std::move(networks.text_encoder), placement.device,
                                                FaultFinder(files.part("text_encoder")));
  std::vector<LoraAdapters::Network> changeable;
  changeable.push_back({"unet", std::move(networks.unet_weights), nullptr});
  changeable.push_back({"text_encoder", std::move(networks.text_weights),
                        [&text = *text](const std::string& name) { text.use_weights(name); }});
  const models::UNetConfig unet = networks.unet->config();
  auto grounded = std::make_unique<GroundingConditioner>(std::move(text), networks.unet);
  return {
      .placement = placement,
      .traits = traits_of(unet),
      .scheduler = scheduler_of(files.config("scheduler")),
      .conditioner = with_guidance(
          std::make_unique<PictureConditioner>(std::move(grounded), unet, placement, files.origin),
          unet.time_cond_proj_dim),
      .backbone =
          std::make_shared<UNetBackbone>(std::move(networks.unet), FaultFinder(files.part("unet"))),
      .codec = std::move(networks.vae),
      .depth_estimators = std::move(networks.depth_estimators),
      .low_res = low_res_of(files),
      .controls = std::make_unique<UNetControls>(files.part("unet"), latent_channels, placement),
      .adapters = std::make_unique<LoraAdapters>(adapted_layers(files), std::move(changeable))};
}

}  // namespace velatura::families
