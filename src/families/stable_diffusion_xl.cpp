#include "families/stable_diffusion_xl.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "families/autoencoder.h"
#include "families/clip_conditioner.h"
#include "families/control_models.h"
#include "families/depth_estimators.h"
#include "families/grounding_conditioner.h"
#include "families/guidance_conditioner.h"
#include "families/load_network.h"
#include "families/lora_adapters.h"
#include "families/model_parts.h"
#include "families/outline.h"
#include "families/picture_conditioner.h"
#include "families/stable_diffusion_xl_conditioner.h"
#include "families/unet_backbone.h"
#include "models/catalogue.h"
#include "weights/load_strict.h"

namespace velatura::families {

using pipelines::LatentModel;
using pipelines::ModelTraits;

namespace {

constexpr double kGuidance = 5.0;

/// A text encoder and its tokenizer, by their roles.
struct TowerRoles {
  std::string_view encoder, tokenizer;
  TextEncoderPlace place;
  bool projects;  ///< gives the text in one vector
};
constexpr auto kTowers = std::to_array<TowerRoles>({
    {"text_encoder", "tokenizer", TextEncoderPlace::clip_l, false},
    {"text_encoder_2", "tokenizer_2", TextEncoderPlace::clip_g, true},
});

// Those that the model has: refiners lack the first.
std::vector<TowerRoles> towers_of(const weights::ModelFiles& files) {
  std::vector<TowerRoles> towers;
  for (const TowerRoles& roles : kTowers)
    if (files.find(roles.encoder) != nullptr) towers.push_back(roles);
  return towers;
}

SizeTelling sizes_told(const weights::ModelFiles& files) {
  return files.requires_aesthetics_score ? SizeTelling::score : SizeTelling::sizes;
}

ModelTraits traits_of(const weights::ModelFiles& files, const models::UNetConfig& unet) {
  ModelTraits traits{.in_channels = unet.in_channels,
                     .sample_size = unet.sample_size,
                     .guidance_scale = kGuidance,
                     .knows_absent_negative = true,
                     .refinable = !files.requires_aesthetics_score,
                     .refines = files.requires_aesthetics_score,
                     .emphasis = "No norm",
                     .special_fields = size_fields(sizes_told(files))};
  if (towers_of(files).size() > 1) {
    for (const char* field : {"prompt-2", "negative-prompt-2"})
      traits.special_fields.emplace_back(field);
  }
  return traits;
}

StableDiffusionXlTelling telling_of(const weights::ModelFiles& files,
                                    const models::UNetConfig& unet, const models::VaeConfig& vae) {
  StableDiffusionXlTelling telling{
      .sizes = sizes_told(files),
      .zeroes_absent_negative = files.force_zeros_for_empty_prompt,
      .few_steps = few_steps_kind(files.config("scheduler").json(), unet)};
  if (unet.sample_size) telling.own_side = *unet.sample_size * vae.factor();
  return telling;
}

// As diffusers checks it: the text in one vector and the numbers beside it must be what goes in.
void check_added(const weights::ModelFiles& files, const models::UNetConfig& unet,
                 std::int64_t projection) {
  const std::string& where = files.part("unet").config.where();
  if (unet.addition_time_embed_dim == 0)
    throw InputError(where + ": addition_embed_type is missing, expected \"text_time\"");
  const std::int64_t numbers = sizes_told(files) == SizeTelling::score ? 5 : 6;
  const std::int64_t expected = projection + numbers * unet.addition_time_embed_dim;
  if (unet.projection_class_embeddings_input_dim == expected) return;
  throw InputError(where + ": projection_class_embeddings_input_dim is " +
                   std::to_string(unet.projection_class_embeddings_input_dim) + ", expected " +
                   std::to_string(expected) + ": " + std::to_string(numbers) + " times " +
                   std::to_string(unet.addition_time_embed_dim) + " and a text " +
                   std::to_string(projection) + " wide" +
                   (numbers == 5 ? " (requires_aesthetics_score)" : ""));
}

// Before any weights are read: parts that do not belong together are a model of nothing.
void check_fit(const weights::ModelFiles& files, const models::UNetConfig& unet) {
  check_imagines_nothing(files.part("unet"));
  std::int64_t width = 0, projection = 0;
  for (const TowerRoles& roles : towers_of(files)) {
    const weights::Part& part = files.part(roles.encoder);
    const auto config = models::ClipTextConfig::read(part.config);
    check_tokenizer(part, config, load_tokenizer(files.tokenizer(roles.tokenizer)));
    width += config.hidden_size;
    if (roles.projects)
      projection = models::ClipTextProjectionConfig::read(part.config).projection_dim;
  }
  if (projection == 0) files.part("text_encoder_2");  // says what is missing
  for (const auto& level : unet.levels) {
    if (level.cross_attention_dim == width) continue;
    throw InputError(files.part("unet").config.where() + ": cross_attention_dim is " +
                     std::to_string(level.cross_attention_dim) + ", but the text encoders are " +
                     std::to_string(width) + " wide" +
                     (towers_of(files).size() == 1 ? ", of which there is one only" : ""));
  }
  check_added(files, unet, projection);
}

/// Text encoders, and what changes their weights.
struct Towers {
  std::vector<TextTower> towers;
  std::vector<LoraAdapters::Network> changeable;
};

template <class Model, class Config>
void add_tower(const weights::ModelFiles& files, const TowerRoles& roles,
               const Placement& placement, Towers& all) {
  const weights::Part& part = files.part(roles.encoder);
  const auto encoder = std::make_shared<Model>(Config::read(part.config));
  all.changeable.push_back({part.role, load_patchable(encoder, part, placement), nullptr});
  all.towers.emplace_back(load_tokenizer(files.tokenizer(roles.tokenizer)), encoder,
                          placement.device, FaultFinder(part), roles.place);
}

// In half precision many of its VAEs overflow, and say so.
std::unique_ptr<Autoencoder> load_vae(const weights::ModelFiles& files, const Placement& model,
                                      const CodecPlacement& placement) {
  const weights::Part& part = files.part("vae");
  const bool is_wide = ConfigObject(part.config).get("force_upcast", true);
  const auto load = [model, part](at::ScalarType dtype) {
    return load_unpacked<models::AutoencoderKL, models::VaeConfig>(
        part, {model.device, dtype, model.offload});
  };
  return std::make_unique<Autoencoder>(
      load, model.device, placement.dtype, placement.tile, FaultFinder(part),
      is_wide ? Autoencoder::Range::wide : Autoencoder::Range::usual);
}

/// What a conditioner would refuse.
class ConditionerChecks : public pipelines::Conditioner {
 public:
  ConditionerChecks(std::vector<PlacedEncoder> encoders, StableDiffusionXlTelling telling,
                    models::UNetConfig unet)
      : encoders_(std::move(encoders)), telling_(telling), unet_(std::move(unet)) {}
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress,
                                       Observer& observer) override {
    check_task(telling_, frame);
    for (const PlacedEncoder& encoder : encoders_)
      check_clip_skip(encoder.config, request.clip_skip, 1);
    time_ids(request, frame, telling_.sizes, observer);
    check_learned_words(request.embeddings, encoders_);
    check_groundings(unet_, request);
    return {};
  }

 private:
  std::vector<PlacedEncoder> encoders_;
  StableDiffusionXlTelling telling_;
  models::UNetConfig unet_;
};

}  // namespace

LatentModel outline_stable_diffusion_xl(const weights::ModelFiles& files,
                                        std::optional<int> vae_tile) {
  const auto unet = models::UNetConfig::read(files.part("unet").config);
  const auto vae = models::VaeConfig::read(files.part("vae").config);
  check_fit(files, unet);
  for (const weights::Part& part : files.parts)
    weights::check_strict(models::network_parameters(part.class_name, part.config), *part.weights);
  check_vae_tile(vae_tile, vae.factor());
  std::vector<PlacedEncoder> encoders;
  for (const TowerRoles& roles : towers_of(files)) {
    encoders.push_back(
        {models::ClipTextConfig::read(files.part(roles.encoder).config), roles.place});
  }
  auto checks =
      std::make_unique<ConditionerChecks>(std::move(encoders), telling_of(files, unet, vae), unet);
  return {
      .placement = {},
      .traits = traits_of(files, unet),
      .scheduler = scheduler_of(files.config("scheduler")),
      .conditioner = std::make_unique<PictureOutline>(std::move(checks), unet, files.origin),
      .backbone = nullptr,
      .codec = std::make_unique<CodecOutline>(vae, vae_tile),
      .depth_estimators = outline_depth_estimators(files),
      .low_res = std::nullopt,
      .controls = std::make_unique<UNetControlsOutline>(files.part("unet"), vae.latent_channels),
      .adapters = std::make_unique<LoraOutline>(adapted_layers(files))};
}

LatentModel load_stable_diffusion_xl(const weights::ModelFiles& files, const Placement& placement,
                                     const CodecPlacement& vae_placement, Observer& observer) {
  for (const auto& warning : files.warnings) observer.on_warning(warning);
  const weights::Part& unet_part = files.part("unet");
  const auto config = models::UNetConfig::read(unet_part.config);
  check_fit(files, config);
  const auto roles = towers_of(files);
  int done = 0;
  const auto part_done = [&, total = static_cast<int>(roles.size()) + 2] {
    observer.on_progress({.stage = Stage::load_model, .done = ++done, .total = total});
    if (observer.cancelled()) throw Interrupted();
  };
  Towers text;
  for (const TowerRoles& tower : roles) {
    if (tower.projects) {
      add_tower<models::ClipTextModelWithProjection, models::ClipTextProjectionConfig>(
          files, tower, placement, text);
    } else {
      add_tower<models::ClipTextModel, models::ClipTextConfig>(files, tower, placement, text);
    }
    part_done();
  }
  const auto unet = std::make_shared<models::UNet2DConditionModel>(config);
  choose_weight_form(*unet, placement);
  auto unet_weights = load_patchable(unet, unet_part, placement);
  part_done();
  auto vae = load_vae(files, placement, vae_placement);
  part_done();

  const auto latent_channels = vae->latent_channels();
  auto conditioner = std::make_unique<StableDiffusionXlConditioner>(
      std::move(text.towers), telling_of(files, config, vae->config()));
  std::vector<LoraAdapters::Network> changeable;
  changeable.push_back({"unet", std::move(unet_weights), nullptr});
  for (std::size_t i = 0; i < text.changeable.size(); ++i) {
    changeable.push_back(std::move(text.changeable[i]));
    changeable.back().on_change = [&told = *conditioner, i](const std::string& name) {
      told.use_weights(i, name);
    };
  }
  auto with_pictures =
      std::make_unique<PictureConditioner>(std::move(conditioner), config, placement, files.origin);
  return {.placement = placement,
          .traits = traits_of(files, config),
          .scheduler = scheduler_of(files.config("scheduler")),
          .conditioner = with_guidance(std::move(with_pictures), config.time_cond_proj_dim),
          .backbone = std::make_shared<UNetBackbone>(unet, FaultFinder(unet_part)),
          .codec = std::move(vae),
          .depth_estimators = load_depth_estimators(files, placement.device),
          .low_res = std::nullopt,
          .controls = std::make_unique<UNetControls>(unet_part, latent_channels, placement),
          .adapters = std::make_unique<LoraAdapters>(adapted_layers(files), std::move(changeable))};
}

}  // namespace velatura::families
