#include "weights/layouts/diffusers_folder.h"

#include <algorithm>
#include <utility>

#include "core/config_object.h"
#include "core/text.h"
#include "weights/formats/file_kind.h"
#include "weights/layouts/folder_kind.h"
#include "weights/layouts/pipeline_class.h"
#include "weights/layouts/vae_folder.h"
#include "weights/layouts/weight_files.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

std::string pipeline_names() {
  std::string text;
  for (const PipelineClass& pipeline : pipeline_classes()) {
    text += (text.empty() ? "" : ", ") + std::string(pipeline.name);
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

void check_component(const ConfigObject& index, const PipelineComponent& component) {
  const std::string role(component.role);
  const nlohmann::json& value = index.json().at(role);
  if (!value.is_array() || value.size() != 2 || !value[1].is_string()) {
    index.reject(role, "[library, class]");
  }
  const auto found = value[1].get<std::string>();
  if (component.any_class || found == component.class_name || found == component.other_class) {
    return;
  }
  index.reject(role, std::string(component.class_name) +
                         (component.other_class.empty() ? "" : ", ") +
                         std::string(component.other_class));
}

// @param other_vae  takes the place of the VAE
const PipelineClass& check_index(ConfigObject& index, const fs::path& other_vae) {
  const auto name = index.raw("_class_name");
  const PipelineClass* const pipeline =
      name.is_string() ? find_pipeline_class(name.get<std::string>()) : nullptr;
  if (pipeline == nullptr) {
    throw InputError(index.where() + ": _class_name is " + name.dump() + ", expected one of " +
                     pipeline_names());
  }
  for (const PipelineComponent& component : pipeline->components) {
    const std::string role(component.role);
    if (component.kind == ComponentKind::unused) continue;
    if (component.replaceable && !other_vae.empty()) continue;
    if (has_component(index, role)) {
      check_component(index, component);
    } else if (component.required && !component.replaceable) {
      throw InputError(index.where() + ": component " + role + " is missing");
    }
  }
  std::vector<std::string> unknown;
  for (const auto& [role, value] : index.json().items()) {
    if (role.starts_with('_') || !value.is_array() || is_absent(value) ||
        std::ranges::count(pipeline->components, role, &PipelineComponent::role) > 0) {
      continue;
    }
    unknown.push_back(shown(role) + " = " + shown(value.dump()));
  }
  if (!unknown.empty()) {
    throw InputError(index.where() + ": components not supported: " + some_of(unknown));
  }
  return *pipeline;
}

bool is_replaceable(const PipelineClass& pipeline, const std::string& role) {
  const auto found = std::ranges::find(pipeline.components, role, &PipelineComponent::role);
  return found != pipeline.components.end() && found->replaceable;
}

void force_scaling(ConfigObject& vae, double scaling_factor, std::vector<std::string>& warnings) {
  if (vae.json().value("scaling_factor", 0.0) == scaling_factor) return;
  warnings.push_back(vae.where() + ": scaling_factor is taken to be " +
                     number_text(scaling_factor) + ", as upscalers have it");
  vae = vae.with("scaling_factor", scaling_factor);
}

// A folder that holds single files instead, as many repositories of the hub do.
std::string single_file_hint(const fs::path& folder) {
  std::error_code failed;
  for (const fs::path& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.filename().string();
    if (is_checkpoint_name(name)) return ", but " + shown(name) + " is: name that file";
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
  if (pipeline_class(pipeline).has("prior")) return {index.where() + " names " + pipeline};
  const auto said = [&](const std::string& key) {
    const nlohmann::json value = unet.json().value(key, nlohmann::json());
    return key + " " + (value.is_null() ? "default" : value.dump());
  };
  return {index.where() + " names " + pipeline,
          unet.where() + " says " + said("in_channels") + ", " + said("cross_attention_dim")};
}

ConfigObject read_config(const fs::path& path) {
  if (!fs::exists(path)) throw InputError(path.string() + ": is missing from the model");
  return {path.string(), read_json(path)};
}

/// A folder on its way to a model.
struct Reading {
  const fs::path& folder;
  const std::string& variant;
  const fs::path& vae;  // another in the place of the folder's; empty: none
  const ConfigObject& index;
  const PipelineClass& pipeline;
  ModelFiles& files;
};

void add_part(Reading& reading, const PipelineComponent& component) {
  const std::string role(component.role);
  const fs::path folder = reading.folder / role;
  Part part{.role = role,
            .library = std::string(component.library),
            .class_name = std::string(component.class_name),
            .config = read_config(folder / "config.json"),
            .weights = nullptr};
  WeightFiles found = open_weight_files(folder, part.stem(), reading.variant);
  ModelFiles& files = reading.files;
  if (!found.variant_found) {
    files.warnings.push_back(role + ": there is no variant " + reading.variant + ", using " +
                             found.files[0].string());
  }
  files.weight_files.insert(files.weight_files.end(), found.files.begin(), found.files.end());
  part.weights = component.current_names == nullptr
                     ? std::move(found.source)
                     : component.current_names(std::move(found.source));
  files.parts.push_back(std::move(part));
}

void add_component(Reading& reading, const PipelineComponent& component) {
  const std::string role(component.role);
  const fs::path folder = reading.folder / role;
  ModelFiles& files = reading.files;
  switch (component.kind) {
    case ComponentKind::network:
      if (component.replaceable && !reading.vae.empty()) {
        const fs::path own = folder / "config.json";
        const bool says_scale = fs::exists(own) && !reading.pipeline.vae_scaling_factor;
        files.parts.push_back(says_scale
                                  ? open_vae_for(read_config(own), reading.vae, reading.variant)
                                  : open_vae(reading.vae, reading.variant));
      } else if (has_component(reading.index, role) &&
                 !(component.replaceable && !fs::exists(folder))) {
        add_part(reading, component);
      }
      break;
    case ComponentKind::scheduler:
      if (!has_component(reading.index, role)) break;
      files.configs.emplace(role, read_config(folder / config_file(component.kind)));
      break;
    case ComponentKind::processor:
      if (files.find(component.serves) == nullptr) break;
      files.configs.emplace(role, read_config(folder / config_file(component.kind)));
      break;
    case ComponentKind::tokenizer:
      if (!has_component(reading.index, role)) break;
      if (!fs::is_directory(folder)) {
        throw InputError(folder.string() + ": is missing from the model");
      }
      files.tokenizers[role] = {folder, ""};
      break;
    case ComponentKind::unused:
      break;
  }
}

// Entries of the index that are components and there, but no part of the model.
std::vector<std::string> left_out(const ConfigObject& index, const PipelineClass& pipeline,
                                  const ModelFiles& files) {
  std::vector<std::string> roles;
  for (const auto& [role, value] : index.json().items()) {
    const bool component = value.is_array() && value.size() == 2 && value[1].is_string();
    if (component && !files.has(role) && !is_replaceable(pipeline, role)) {
      roles.push_back(shown(role));
    }
  }
  return roles;
}

}  // namespace

ModelFiles open_diffusers_folder(const fs::path& folder, const std::string& variant,
                                 const fs::path& vae) {
  const fs::path index_path = folder / "model_index.json";
  if (!fs::exists(index_path)) {
    throw InputError(folder.string() +
                     ": not a diffusers model folder: there is no model_index.json in it" +
                     single_file_hint(folder));
  }
  ConfigObject index(index_path.string(), read_json(index_path));
  const PipelineClass& pipeline = check_index(index, vae);
  if (!vae.empty() && !pipeline.has("vae")) {
    throw UsageError("vae " + vae.string() + ": this model has a MoVQ, which is not replaced",
                     {"vae"});
  }

  ModelFiles files;
  files.origin = folder;
  files.pipeline_class = pipeline.name;
  Reading reading{folder, variant, vae, index, pipeline, files};
  // Faults of small files are found first.
  add_component(reading, pipeline.component("scheduler"));
  files.prediction_signals = {prediction_signal(files.config("scheduler"))};
  for (const PipelineComponent& component : pipeline.components) {
    if (component.role != "scheduler") add_component(reading, component);
  }
  if (pipeline.vae_scaling_factor && files.find("vae") != nullptr) {
    force_scaling(files.part("vae").config, *pipeline.vae_scaling_factor, files.warnings);
  }
  files.max_noise_level = index.get("max_noise_level", files.max_noise_level);
  if (pipeline.zeroes_negative) {
    files.force_zeros_for_empty_prompt =
        index.get("force_zeros_for_empty_prompt", files.force_zeros_for_empty_prompt);
  }
  if (pipeline.may_score) {
    files.requires_aesthetics_score =
        index.get("requires_aesthetics_score", files.requires_aesthetics_score);
  }
  files.description = kind_of_folder(files) + ", diffusers folder";
  files.evidence = evidence_for(index, files.pipeline_class, files.parts.front().config);
  files.left_out = left_out(index, pipeline, files);
  return files;
}

}  // namespace velatura::weights
