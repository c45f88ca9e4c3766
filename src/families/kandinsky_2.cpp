#include "families/kandinsky_2.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "families/autoencoder.h"
#include "families/depth_estimators.h"
#include "families/kandinsky_conditioner.h"
#include "families/kandinsky_prior.h"
#include "families/load_network.h"
#include "families/model_parts.h"
#include "families/outline.h"
#include "families/unet_backbone.h"
#include "models/catalogue.h"
#include "models/multilingual_clip/config.h"
#include "samplers/noise_schedule.h"
#include "weights/load_strict.h"

namespace velatura::families {

using models::AdditionEmbedding;
using models::UNetConfig;
using pipelines::LatentModel;
using pipelines::ModelTraits;

namespace {

constexpr double kKandinskyGuidance = 4.0;
constexpr std::int64_t kOwnSide = 512;  // pixels, as diffusers has it where a model says none
constexpr int kTrainingSteps = 1000;

// 2.1 reads the prompt; 2.2 is told the picture alone.
bool reads_prompt(const UNetConfig& unet) {
  return unet.addition_embed_type == AdditionEmbedding::text_image;
}

bool follows_hint(const UNetConfig& unet) {
  return unet.addition_embed_type == AdditionEmbedding::image_hint;
}

// As diffusers' KandinskyImg2ImgPipeline noises pictures, whatever the scheduler's config says.
samplers::NoiseLevel picture_level(double strength) {
  static const auto schedule = [] {
    samplers::SchedulerConfig config;
    config.num_train_timesteps = kTrainingSteps;
    config.beta_start = 1e-4;
    config.beta_end = 0.02;
    return samplers::make_noise_schedule(config);
  }();
  return schedule.level(std::max(static_cast<int>(kTrainingSteps * strength) - 2, 0));
}

models::VaeConfig common_config(const weights::Part& movq) {
  const auto config = models::VqConfig::read(movq.config);
  models::VaeConfig common = config;
  common.latent_channels = config.vq_embed_dim;
  return common;
}

ModelTraits traits_of(const UNetConfig& unet, const models::VaeConfig& movq) {
  const auto channels = unet.in_channels - (follows_hint(unet) ? models::kHintChannels : 0);
  return {
      .in_channels = channels,
      .variance_channels = unet.out_channels - movq.latent_channels,
      .sample_size = unet.sample_size.value_or(kOwnSide / movq.factor()),
      .side_multiple = movq.factor() * movq.factor(),
      .picture_filter = Filter::bicubic_of_boxes,
      .picture_level = reads_prompt(unet) ? picture_level : nullptr,
      .grown_inpainting = pipelines::GrownInpainting{.pastes = !reads_prompt(unet)},
      .follows_hint = follows_hint(unet),
      .samplers = {Sampler::ddim, Sampler::ddpm, Sampler::dpmpp_2m},
      .guidance_scale = kKandinskyGuidance,
      .knows_absent_negative = true,
      .special_fields = {"mix", "prior-steps", "prior-guidance-scale", "image-embeds-in"},
  };
}

void check_text(const weights::ModelFiles& files, const UNetConfig& unet) {
  const weights::Part& part = files.part("text_encoder");
  const auto text = models::MultilingualClipConfig::read(part.config);
  const std::int64_t context = unet.levels.back().cross_attention_dim;
  if (text.hidden_size == unet.encoder_hid_dim && text.num_dims == context) return;
  throw InputError(part.config.where() + ": the text encoder gives " +
                   std::to_string(text.hidden_size) + " and " + std::to_string(text.num_dims) +
                   " numbers, but the UNet takes " + std::to_string(unet.encoder_hid_dim) +
                   " and " + std::to_string(context));
}

// Before any weights are read: parts that do not belong together are a model of nothing.
void check_fit(const weights::ModelFiles& files, const UNetConfig& unet,
               const models::VaeConfig& movq) {
  const std::string& where = files.part("unet").config.where();
  const bool has_text = files.find("text_encoder") != nullptr;
  if (unet.image_embed_dim() == 0 || reads_prompt(unet) != has_text) {
    throw InputError(where + ": addition_embed_type does not go with a " + files.pipeline_class +
                     ", expected \"" + (has_text ? "text_image" : "image or image_hint") + "\"");
  }
  if (unet.out_channels != movq.latent_channels && unet.out_channels != 2 * movq.latent_channels) {
    throw InputError(where + ": out_channels is " + std::to_string(unet.out_channels) +
                     ", expected " + std::to_string(movq.latent_channels) + " or twice that");
  }
  if (follows_hint(unet) && movq.factor() != models::kHintFactor) {
    throw InputError(where + ": takes " + std::to_string(models::kHintFactor) +
                     " pixels of a control picture for a latent, but the MoVQ " +
                     std::to_string(movq.factor()));
  }
  if (has_text) check_text(files, unet);
}

// The networks that are there all the time.
constexpr int kKandinskyParts = 2;

}  // namespace

LatentModel outline_kandinsky_2(const weights::ModelFiles& files, const weights::PriorFiles& prior,
                                std::optional<int> codec_tile) {
  const auto unet = UNetConfig::read(files.part("unet").config);
  const auto movq = common_config(files.part("movq"));
  check_fit(files, unet, movq);
  for (const weights::Part& part : files.parts)
    weights::check_strict(models::network_parameters(part.class_name, part.config), *part.weights);
  check_vae_tile(codec_tile, movq.factor());
  return {.placement = {},
          .traits = traits_of(unet, movq),
          .scheduler = scheduler_of(files.config("scheduler")),
          .conditioner = std::make_unique<KandinskyConditionerOutline>(),
          .backbone = nullptr,
          .codec = std::make_unique<CodecOutline>(movq, codec_tile),
          .depth_estimators = outline_depth_estimators(files),
          .low_res = std::nullopt,
          .prior = std::make_unique<KandinskyPriorOutline>(
              ImaginingChecks(prior, unet.image_embed_dim()))};
}

LatentModel load_kandinsky_2(const weights::ModelFiles& files, const weights::PriorFiles& prior,
                             const Placement& placement, const CodecPlacement& codec_placement,
                             Observer& observer) {
  for (const auto& warning : files.warnings) observer.on_warning(warning);
  const weights::Part &unet_part = files.part("unet"), &movq_part = files.part("movq");
  const auto config = UNetConfig::read(unet_part.config);
  check_fit(files, config, common_config(movq_part));
  ImaginingChecks checks(prior, config.image_embed_dim());
  int done = 0;
  const auto part_done = [&] {
    observer.on_progress({.stage = Stage::load_model, .done = ++done, .total = kKandinskyParts});
    if (observer.cancelled()) throw Interrupted();
  };
  const auto unet = std::make_shared<models::UNet2DConditionModel>(config);
  choose_weight_form(*unet, placement);
  give_weights(unet, unet_part, placement);
  part_done();
  const auto load_movq = [placement, movq_part](at::ScalarType dtype) {
    return load_unpacked<models::VqModel, models::VqConfig>(
        movq_part, {placement.device, dtype, placement.offload});
  };
  auto movq = std::make_unique<Autoencoder>(load_movq, placement.device, codec_placement.dtype,
                                            codec_placement.tile, FaultFinder(movq_part));
  part_done();
  const auto traits = traits_of(config, movq->config());
  return {.placement = placement,
          .traits = traits,
          .scheduler = scheduler_of(files.config("scheduler")),
          .conditioner = std::make_unique<KandinskyConditioner>(files, placement),
          .backbone = std::make_shared<UNetBackbone>(unet, FaultFinder(unet_part)),
          .codec = std::move(movq),
          .depth_estimators = load_depth_estimators(files, placement.device),
          .low_res = std::nullopt,
          .prior = std::make_unique<KandinskyPrior>(prior, std::move(checks), placement)};
}

}  // namespace velatura::families
