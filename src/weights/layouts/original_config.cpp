#include "weights/layouts/original_config.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "weights/formats/yaml_file.h"

namespace velatura::weights {
namespace {

using nlohmann::json;

/// An object of the file that names a class and its arguments: `target` and `params`.
struct Instance {
  std::string target;
  ConfigObject params;
  std::string path;  // of params, as keys of the whole file
};

Instance instance(ConfigObject& parent, const std::string& path, const std::string& key) {
  const std::string place = path + key;
  ConfigObject object(parent.where() + ": " + key, parent.require<json>(key));
  std::string target = object.require<std::string>("target");
  ConfigObject params(parent.where() + ": " + place + ".params",
                      object.has("params") ? object.raw("params") : json::object());
  object.ignore({"params", "base_learning_rate"});
  object.finish();
  return {std::move(target), std::move(params), place + ".params."};
}

void require_target(const Instance& found, std::initializer_list<std::string_view> known) {
  if (std::find(known.begin(), known.end(), found.target) != known.end()) return;
  std::string expected;
  for (const std::string_view name : known) {
    expected += (expected.empty() ? "" : " or ") + std::string(name);
  }
  throw InputError(found.params.where() + ": the target is " + found.target + ", expected " +
                   expected);
}

/// Collects settings from one object of the file.
class Settings {
 public:
  explicit Settings(Instance& from) : from_(from) {}

  /// `convert` makes diffusers' value of the file's.
  template <class T, class Convert>
  void take(const std::string& key, const std::string& config_key, bool is_in_weights,
            Convert convert) {
    if (!from_.params.has(key)) return;
    list_.push_back(
        {from_.path + key, config_key, convert(from_.params.require<T>(key)), is_in_weights});
  }
  template <class T>
  void take(const std::string& key, const std::string& config_key, bool is_in_weights) {
    take<T>(key, config_key, is_in_weights, [](const T& value) { return json(value); });
  }
  void append(const std::vector<OriginalSetting>& more) {
    list_.insert(list_.end(), more.begin(), more.end());
  }
  std::vector<OriginalSetting> list() { return std::move(list_); }

 private:
  Instance& from_;
  std::vector<OriginalSetting> list_;
};

constexpr bool kInWeights = true, kNotInWeights = false;
using Whole = std::int64_t;
using Wholes = std::vector<std::int64_t>;

// Channels of each level.
Wholes levels(ConfigObject& params, const std::string& width, const std::string& multiples) {
  Wholes channels;
  for (const Whole multiple : params.get<Wholes>(multiples, {})) {
    channels.push_back(multiple * params.require<Whole>(width));
  }
  return channels;
}

std::vector<OriginalSetting> read_unet(Instance unet) {
  require_target(unet, {"ldm.modules.diffusionmodules.openaimodel.UNetModel"});
  ConfigObject& params = unet.params;
  const Wholes channels = levels(params, "model_channels", "channel_mult");
  Settings settings(unet);
  settings.take<Whole>("in_channels", "in_channels", kInWeights);
  settings.take<Whole>("out_channels", "out_channels", kInWeights);
  settings.take<Whole>("context_dim", "cross_attention_dim", kInWeights);
  settings.take<Whole>("num_res_blocks", "layers_per_block", kInWeights);
  settings.take<Wholes>("channel_mult", "block_out_channels", kInWeights,
                        [&](const Wholes&) { return json(channels); });
  settings.take<bool>("use_linear_in_transformer", "use_linear_projection", kInWeights);
  settings.take<Whole>("num_classes", "num_class_embeds", kInWeights);
  settings.take<std::vector<bool>>("disable_self_attentions", "only_cross_attention",
                                   kNotInWeights);
  settings.take<Wholes>(
      "attention_resolutions", "down_block_types", kInWeights, [&](const Wholes& factors) {
        json types = json::array();
        for (std::size_t level = 0; level < channels.size(); ++level) {
          const bool attends =
              std::find(factors.begin(), factors.end(), Whole{1} << level) != factors.end();
          types.push_back(attends ? "CrossAttnDownBlock2D" : "DownBlock2D");
        }
        return types;
      });
  if (params.get<Whole>("num_heads", -1) != -1) {
    settings.take<Whole>("num_heads", "attention_head_dim", kNotInWeights);
  }
  if (params.get<Whole>("num_head_channels", -1) > 0) {
    settings.take<Whole>("num_head_channels", "attention_head_dim", kNotInWeights,
                         [&](Whole width) {
                           Wholes heads;
                           for (const Whole count : channels) heads.push_back(count / width);
                           return json(heads);
                         });
  }
  params.only("use_spatial_transformer", true);
  params.only("transformer_depth", 1);
  params.only("disable_middle_self_attn", false);
  params.only("use_scale_shift_norm", false);
  params.only("resblock_updown", false);
  params.only("conv_resample", true);
  params.only("dims", 2);
  params.ignore({"image_size", "use_checkpoint", "use_fp16", "use_bf16", "legacy", "dropout",
                 "use_new_attention_order"});
  params.finish();
  return settings.list();
}

std::vector<OriginalSetting> read_vae(Instance vae) {
  require_target(vae, {"ldm.models.autoencoder.AutoencoderKL"});
  Settings settings(vae);
  settings.take<Whole>("embed_dim", "latent_channels", kInWeights);
  vae.params.ignore({"monitor", "lossconfig", "ckpt_path", "image_key"});
  Instance network{
      "", ConfigObject(vae.params.where() + ".ddconfig", vae.params.require<json>("ddconfig")),
      vae.path + "ddconfig."};
  vae.params.finish();
  ConfigObject& params = network.params;
  const Wholes channels = levels(params, "ch", "ch_mult");
  Settings inner(network);
  inner.take<Whole>("z_channels", "latent_channels", kInWeights);
  inner.take<Whole>("in_channels", "in_channels", kInWeights);
  inner.take<Whole>("out_ch", "out_channels", kInWeights);
  inner.take<Whole>("num_res_blocks", "layers_per_block", kInWeights);
  inner.take<Wholes>("ch_mult", "block_out_channels", kInWeights,
                     [&](const Wholes&) { return json(channels); });
  params.only("double_z", true);
  params.only("attn_resolutions", json::array());
  params.ignore({"resolution", "dropout", "attn_type"});
  params.finish();
  settings.append(inner.list());
  return settings.list();
}

bool is_open_clip(Instance text) {
  const std::string clip = "ldm.modules.encoders.modules.FrozenCLIPEmbedder";
  const std::string open_clip = "ldm.modules.encoders.modules.FrozenOpenCLIPEmbedder";
  require_target(text, {clip, open_clip});
  const bool open = text.target == open_clip;
  const std::string layer = text.params.get<std::string>("layer", "last");
  if (layer != (open ? "penultimate" : "last")) {
    throw InputError(text.params.where() + ": layer is " + layer + ", expected " +
                     (open ? "penultimate" : "last"));
  }
  text.params.ignore({"freeze", "version", "arch", "device", "max_length"});
  text.params.finish();
  return open;
}

// The original "linear" is linear in the square roots; diffusers calls that scaled.
json beta_schedule(const std::string& name) {
  if (name == "linear") return "scaled_linear";
  if (name == "sqrt_linear") return "linear";
  throw InputError("beta_schedule is " + name + ", expected linear or sqrt_linear");
}

std::string prediction_type(ConfigObject& params) {
  const std::string name = params.get<std::string>("parameterization", "eps");
  if (name == "eps") return "epsilon";
  if (name == "v") return "v_prediction";
  if (name == "x0") return "sample";
  params.reject("parameterization", "eps, v or x0");
}

}  // namespace

OriginalConfig read_original_config(const std::filesystem::path& path) {
  ConfigObject file(path.string(), read_yaml_file(path));
  Instance model = instance(file, "", "model");
  const std::string classes = "ldm.models.diffusion.ddpm.";
  require_target(model,
                 {classes + "LatentDiffusion", classes + "LatentInpaintDiffusion",
                  classes + "LatentDepth2ImageDiffusion", classes + "LatentUpscaleDiffusion"});
  ConfigObject& params = model.params;
  OriginalConfig config{.where = path.string(), .prediction_type = prediction_type(params)};
  config.settings["unet"] = read_unet(instance(params, model.path, "unet_config"));
  auto& vae = config.settings["vae"] = read_vae(instance(params, model.path, "first_stage_config"));
  config.open_clip = is_open_clip(instance(params, model.path, "cond_stage_config"));
  Settings scheduler(model), scale(model);
  scheduler.take<double>("linear_start", "beta_start", kNotInWeights);
  scheduler.take<double>("linear_end", "beta_end", kNotInWeights);
  scheduler.take<Whole>("timesteps", "num_train_timesteps", kNotInWeights);
  scheduler.take<std::string>("beta_schedule", "beta_schedule", kNotInWeights, beta_schedule);
  scale.take<double>("scale_factor", "scaling_factor", kNotInWeights);
  config.settings["scheduler"] = scheduler.list();
  const auto scale_factor = scale.list();
  vae.insert(vae.end(), scale_factor.begin(), scale_factor.end());
  params.only("scale_by_std", false);
  // Training, logging, names of a batch's entries, and networks that are known by their tensors.
  params.ignore({"num_timesteps_cond",
                 "log_every_t",
                 "first_stage_key",
                 "cond_stage_key",
                 "image_size",
                 "channels",
                 "cond_stage_trainable",
                 "conditioning_key",
                 "monitor",
                 "use_ema",
                 "load_ema",
                 "ema_decay",
                 "scheduler_config",
                 "ckpt_path",
                 "ignore_keys",
                 "finetune_keys",
                 "concat_keys",
                 "masked_image_key",
                 "depth_stage_key",
                 "depth_stage_config",
                 "low_scale_key",
                 "low_scale_config",
                 "loss_type",
                 "ucg_training",
                 "personalization_config",
                 "unfreeze_model",
                 "model_lr"});
  params.finish();
  return config;
}

ConfigObject with_settings(ConfigObject config, std::string_view role,
                           const OriginalConfig& original, const std::string& file) {
  const auto settings = original.settings.find(role);
  if (settings == original.settings.end()) return config;
  for (const OriginalSetting& setting : settings->second) {
    const json found = config.json().value(setting.config_key, json());
    if (!setting.is_in_weights) {
      config = config.with(setting.config_key, setting.value);
    } else if (found != setting.value && !(found.is_null() && setting.value == false)) {
      throw InputError(original.where + ": " + setting.key + " says " + setting.config_key + " " +
                       setting.value.dump() + ", but the weights in " + file + " have " +
                       (found.is_null() ? "none" : found.dump()));
    }
  }
  return config;
}

}  // namespace velatura::weights
