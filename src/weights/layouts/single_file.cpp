#include "weights/layouts/single_file.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "weights/formats/checkpoint.h"
#include "weights/layouts/known_configs.h"
#include "weights/layouts/model_family.h"
#include "weights/layouts/original_config.h"
#include "weights/layouts/original_layout.h"
#include "weights/layouts/original_names.h"
#include "weights/layouts/prediction_type.h"
#include "weights/layouts/sibling_files.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

const std::string kUNet = "model.diffusion_model.";
const std::string kEma = "model_ema.";
const std::string kVae = "first_stage_model.";
const std::string kText = "cond_stage_model.";
const std::string kDepth = "depth_model.";

// What training leaves behind in checkpoints, and networks that other tasks use.
const std::vector<std::string> kLeftovers{
    "model_ema.*",    "*position_ids",     "loss*",
    "betas",          "alphas_cumprod*",   "sqrt_*",
    "log_one_minus*", "posterior_*",       "lvlb_weights",
    "logvar",         "cond_stage_key",    "scale_factor",
    "global_step",    "low_scale_model.*", "noise_augmentor.*",
};

// What the depth estimator's transformer was first trained for.
const std::vector<std::string> kClassifier{kDepth + "model.pretrained.model.head.*"};

std::shared_ptr<const WeightSource> view(const std::shared_ptr<const WeightSource>& file,
                                         const std::string& prefix, std::vector<NameRule> rules,
                                         const std::vector<std::string>& ignored) {
  return std::make_shared<RenamedSource>(file,
                                         with_unmapped(std::move(rules), *file, prefix, ignored));
}

std::vector<std::string> ignored_text(const nlohmann::json& config) {
  const auto unused = config.at("num_hidden_layers").get<int>();
  return {"*position_ids", "*logit_scale", "*text_projection*", "*attn_mask",
          kText + "model.transformer.resblocks." + std::to_string(unused) + ".*"};
}

// Tensors that no component takes are named, not refused: they cannot change what is computed.
std::vector<std::string> unused_names(const WeightSource& file) {
  std::vector<std::string> unused;
  for (const std::string& name : file.names()) {
    if (name.starts_with(kUNet) || name.starts_with(kVae) || name.starts_with(kText) ||
        name.starts_with(kDepth) || matches_any(name, kLeftovers)) {
      continue;
    }
    unused.push_back(shown(name));
  }
  return unused;
}

bool has_prefix(const WeightSource& file, const std::string& prefix) {
  const auto names = file.names();
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name.starts_with(prefix); });
}

void require_prefix(const WeightSource& file, const std::string& prefix, const std::string& what) {
  if (has_prefix(file, prefix)) return;
  throw InputError(file.where() + ": there is no " + what + " in it (no tensor " + prefix + "*)");
}

// The config beside the file, if there is one.
std::optional<OriginalConfig> read_config_beside(const std::filesystem::path& path,
                                                 const ModelFamily& family) {
  const auto file = config_beside(path);
  if (!file) return std::nullopt;
  OriginalConfig config = read_original_config(*file);
  if (config.open_clip != family.open_clip) {
    const auto name = [](bool open_clip) { return open_clip ? "OpenCLIP's" : "CLIP's"; };
    throw InputError(config.where + ": cond_stage_config names " + name(config.open_clip) +
                     " text encoder, but the weights in " + path.string() + " have " +
                     name(family.open_clip));
  }
  return config;
}

// The average must be whole: what is missing of it is not made up from the UNet itself.
std::shared_ptr<const WeightSource> ema_view(const std::shared_ptr<const WeightSource>& file,
                                             const nlohmann::json& config) {
  require_prefix(*file, kEma, "average of the UNet (EMA weights)");
  auto rules = original_unet_ema_names(config);
  std::vector<std::string> missing;
  for (const NameRule& rule : rules) {
    if (!file->find(rule.from)) missing.push_back(shown(rule.from));
  }
  if (!missing.empty()) {
    throw InputError(file->where() + ": " + std::to_string(missing.size()) +
                     " of the UNet's EMA weights are missing: " + some_of(missing));
  }
  return view(file, kEma, std::move(rules), {kEma + "decay", kEma + "num_updates"});
}

}  // namespace

ModelFiles open_single_file(const std::filesystem::path& path, bool ema) {
  return read_checkpoint(open_checkpoint(path), path, ema);
}

ModelFiles read_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path,
                           bool ema) {
  const auto& file = checkpoint.source;
  const auto& metadata = checkpoint.metadata;
  const Recognition recognition = require_model(*file);
  const ModelFamily& family = *recognition.family;
  require_prefix(*file, kVae, "VAE");
  require_prefix(*file, kText, "text encoder");
  std::vector<std::string> warnings;
  const auto original = read_config_beside(path, family);
  PredictionGuess prediction = guess_prediction(*file, family, metadata, original);
  if (!prediction.warning.empty()) warnings.push_back(file->where() + ": " + prediction.warning);
  const auto unused = unused_names(*file);
  if (!unused.empty()) {
    warnings.push_back(
        file->where() + ": " + std::to_string(unused.size()) +
        " tensors belong to no part of the model and are not used: " + some_of(unused, 3));
  }

  const auto config = [&](const std::string& name) {
    return known_config(family.configs + "/" + name, file->where());
  };
  const bool large_v = family.configs == "stable-diffusion-2" && prediction.type == "v_prediction";
  ConfigObject scheduler =
      config(large_v ? "scheduler_v" : "scheduler").with("prediction_type", prediction.type);
  ConfigObject unet = config("unet").with("in_channels", family.in_channels);
  if (large_v) unet = unet.with("sample_size", 96);
  ConfigObject vae = config("vae"), text = config("text_encoder");
  if (original) {
    unet = with_settings(unet, original->unet, *original, path.string());
    vae = with_settings(vae, original->vae, *original, path.string());
    scheduler = with_settings(scheduler, original->scheduler, *original, path.string());
  }
  OriginalNames rules = original_names(family);
  auto unet_weights =
      ema ? ema_view(file, unet.json()) : view(file, kUNet, std::move(rules.unet), {});
  auto vae_weights = view(file, kVae, std::move(rules.vae), {kVae + "loss*", kVae + "model_ema.*"});
  auto text_weights = view(file, kText, std::move(rules.text_encoder), ignored_text(text.json()));
  std::optional<DepthFiles> depth_estimator;
  if (has_prefix(*file, kDepth) && !rules.depth_estimator.empty()) {
    auto weights = view(file, kDepth, std::move(rules.depth_estimator), kClassifier);
    depth_estimator = {{config("depth_estimator"), std::move(weights)},
                       config("feature_extractor")};
  }
  std::optional<ConfigObject> low_res_scheduler;
  if (family.pipeline_class == "StableDiffusionUpscalePipeline") {
    low_res_scheduler = config("low_res_scheduler");
  }
  return ModelFiles{.origin = path,
                    .pipeline_class = family.pipeline_class,
                    .description = family.name + ", single file" + (ema ? ", EMA weights" : "") +
                                   (original ? ", with the config " + original->where : ""),
                    .scheduler = std::move(scheduler),
                    .unet = {std::move(unet), std::move(unet_weights)},
                    .vae = {std::move(vae), std::move(vae_weights)},
                    .text_encoder = {std::move(text), std::move(text_weights)},
                    .tokenizer = {"", config("tokenizer").require<std::string>("pad_token")},
                    .depth_estimator = std::move(depth_estimator),
                    .low_res_scheduler = std::move(low_res_scheduler),
                    .weight_files = {path},
                    .evidence = recognition.evidence,
                    .prediction_signals = std::move(prediction.signals),
                    .metadata = metadata,
                    .warnings = std::move(warnings)};
}

}  // namespace velatura::weights
