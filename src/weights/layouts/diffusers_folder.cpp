#include "weights/layouts/diffusers_folder.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "weights/formats/json_file.h"
#include "weights/layouts/old_names.h"
#include "weights/layouts/weight_files.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kPipelines{
    "StableDiffusionPipeline",        "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline", "StableDiffusionDepth2ImgPipeline",
    "StableDiffusionUpscalePipeline",
};

struct Role {
  std::string_view component;
  std::array<std::string_view, 2> classes;  // none: any
};
constexpr std::array<Role, 5> kRoles{{
    {"unet", {"UNet2DConditionModel"}},
    {"vae", {"AutoencoderKL"}},
    {"text_encoder", {"CLIPTextModel"}},
    {"tokenizer", {"CLIPTokenizer", "CLIPTokenizerFast"}},
    {"scheduler", {}},
}};

// Parts that only some of these pipelines have.
constexpr std::array<Role, 3> kOptionalRoles{{
    {"depth_estimator", {"DPTForDepthEstimation"}},
    {"feature_extractor", {}},
    {"low_res_scheduler", {"DDPMScheduler"}},
}};

// Parts of these pipelines that change nothing in what is computed here.
constexpr std::array<std::string_view, 3> kPassedOver{"safety_checker", "image_encoder",
                                                      "watermarker"};

template <class Range>
std::string quoted_list(const Range& items) {
  std::string text;
  for (const std::string_view item : items) {
    if (!item.empty()) text += (text.empty() ? "" : ", ") + std::string(item);
  }
  return text;
}

bool is_absent(const nlohmann::json& component) {
  return component.is_array() &&
         std::all_of(component.begin(), component.end(), [](const auto& x) { return x.is_null(); });
}

bool has_component(const ConfigObject& index, const std::string& name) {
  return index.has(name) && !is_absent(index.json().at(name));
}

void check_role(const ConfigObject& index, const Role& role) {
  const std::string name(role.component);
  if (!has_component(index, name)) {
    throw InputError(index.where() + ": component " + name + " is missing");
  }
  const nlohmann::json& value = index.json().at(name);
  if (!value.is_array() || value.size() != 2 || !value[1].is_string()) {
    index.reject(name, "[library, class]");
  }
  const auto found = value[1].get<std::string>();
  if (!role.classes[0].empty() &&
      std::find(role.classes.begin(), role.classes.end(), found) == role.classes.end()) {
    index.reject(name, quoted_list(role.classes));
  }
}

void check_index(ConfigObject& index) {
  const auto pipeline = index.raw("_class_name");
  if (!pipeline.is_string() || std::find(kPipelines.begin(), kPipelines.end(),
                                         pipeline.get<std::string>()) == kPipelines.end()) {
    throw InputError(index.where() + ": _class_name is " + pipeline.dump() + ", expected one of " +
                     quoted_list(kPipelines));
  }
  for (const Role& role : kRoles) check_role(index, role);
  for (const Role& role : kOptionalRoles) {
    if (has_component(index, std::string(role.component))) check_role(index, role);
  }
  std::vector<std::string> unknown;
  for (const auto& [name, value] : index.json().items()) {
    const auto is_role = [&name = name](const Role& role) { return role.component == name; };
    if (name.starts_with('_') || !value.is_array() || is_absent(value) ||
        std::any_of(kRoles.begin(), kRoles.end(), is_role) ||
        std::any_of(kOptionalRoles.begin(), kOptionalRoles.end(), is_role) ||
        std::find(kPassedOver.begin(), kPassedOver.end(), name) != kPassedOver.end()) {
      continue;
    }
    unknown.push_back(shown(name) + " = " + shown(value.dump()));
  }
  if (!unknown.empty()) {
    throw InputError(index.where() + ": components not supported: " + some_of(unknown));
  }
}

// diffusers' upscaling pipeline sets this value whatever the VAE's config says.
void force_upscaler_scaling(ConfigObject& vae, std::vector<std::string>& warnings) {
  constexpr double scaling_factor = 0.08333;
  if (vae.json().value("scaling_factor", 0.0) == scaling_factor) return;
  warnings.push_back(vae.where() + ": scaling_factor is taken to be 0.08333, as upscalers have it");
  vae = vae.with("scaling_factor", scaling_factor);
}

// A folder that holds single files instead, as many repositories of the hub do.
std::string single_file_hint(const fs::path& folder) {
  std::error_code failed;
  for (const fs::path& entry : fs::directory_iterator(folder, failed)) {
    const std::string extension = entry.extension().string();
    if (extension != ".safetensors" && extension != ".ckpt") continue;
    return ", but " + shown(entry.filename().string()) + " is: name that file";
  }
  return "";
}

PredictionSignal prediction_signal(ConfigObject scheduler) {
  const auto type = scheduler.get<std::string>("prediction_type", "epsilon");
  const bool given = scheduler.has("prediction_type");
  return {type, scheduler.where() + " says " + (given ? type : "nothing, which means " + type)};
}

std::vector<std::string> evidence_for(const ConfigObject& index, const std::string& pipeline,
                                      const ConfigObject& unet) {
  const auto said = [&](const std::string& key) {
    const nlohmann::json value = unet.json().value(key, nlohmann::json());
    return key + " " + (value.is_null() ? "default" : value.dump());
  };
  return {index.where() + " names " + pipeline,
          unet.where() + " says " + said("in_channels") + ", " + said("cross_attention_dim")};
}

ConfigObject read_config(const fs::path& path) {
  if (!fs::exists(path)) throw InputError(path.string() + ": is missing from the model");
  return {path.string(), read_json_file(path)};
}

}  // namespace

ModelFiles open_diffusers_folder(const fs::path& folder, const std::string& variant) {
  const fs::path index_path = folder / "model_index.json";
  if (!fs::exists(index_path)) {
    throw InputError(folder.string() +
                     ": not a diffusers model folder: there is no model_index.json in it" +
                     single_file_hint(folder));
  }
  ConfigObject index(index_path.string(), read_json_file(index_path));
  check_index(index);

  std::vector<fs::path> weight_files;
  std::vector<std::string> warnings;
  const auto component = [&](const std::string& name, const std::string& stem) {
    ConfigObject config = read_config(folder / name / "config.json");
    WeightFiles found = open_weight_files(folder / name, stem, variant);
    if (!found.variant_found) {
      warnings.push_back(name + ": there is no variant " + variant + ", using " +
                         found.files[0].string());
    }
    weight_files.insert(weight_files.end(), found.files.begin(), found.files.end());
    return Component{std::move(config), std::move(found.source)};
  };
  ConfigObject scheduler = read_config(folder / "scheduler" / "scheduler_config.json");
  PredictionSignal told = prediction_signal(scheduler);
  Component unet = component("unet", "diffusion_pytorch_model");
  Component vae = component("vae", "diffusion_pytorch_model");
  Component text_encoder = component("text_encoder", "model");
  vae.weights = with_current_vae_names(vae.weights);
  text_encoder.weights = with_text_model_prefix(text_encoder.weights);
  if (!fs::is_directory(folder / "tokenizer")) {
    throw InputError((folder / "tokenizer").string() + ": is missing from the model");
  }
  const auto pipeline_class = index.raw("_class_name").get<std::string>();
  if (pipeline_class == "StableDiffusionUpscalePipeline") {
    force_upscaler_scaling(vae.config, warnings);
  }
  std::optional<DepthFiles> depth_estimator;
  if (has_component(index, "depth_estimator")) {
    depth_estimator = {component("depth_estimator", "model"),
                       read_config(folder / "feature_extractor" / "preprocessor_config.json")};
  }
  std::optional<ConfigObject> low_res_scheduler;
  if (has_component(index, "low_res_scheduler")) {
    low_res_scheduler = read_config(folder / "low_res_scheduler" / "scheduler_config.json");
  }
  std::vector<std::string> evidence = evidence_for(index, pipeline_class, unet.config);
  return ModelFiles{.origin = folder,
                    .pipeline_class = pipeline_class,
                    .description = "Diffusers folder",
                    .scheduler = std::move(scheduler),
                    .unet = std::move(unet),
                    .vae = std::move(vae),
                    .text_encoder = std::move(text_encoder),
                    .tokenizer = {folder / "tokenizer", ""},
                    .depth_estimator = std::move(depth_estimator),
                    .low_res_scheduler = std::move(low_res_scheduler),
                    .max_noise_level = index.get("max_noise_level", 350),
                    .weight_files = std::move(weight_files),
                    .evidence = std::move(evidence),
                    .prediction_signals = {std::move(told)},
                    .metadata = {},
                    .warnings = std::move(warnings)};
}

}  // namespace velatura::weights
