#include "weights/layouts/single_file.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "weights/formats/checkpoint.h"
#include "weights/layouts/gligen_file.h"
#include "weights/layouts/original_config.h"
#include "weights/layouts/original_layout.h"
#include "weights/layouts/pipeline_class.h"
#include "weights/layouts/prediction_type.h"
#include "weights/layouts/recognition.h"
#include "weights/layouts/sibling_files.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

// What training leaves behind in checkpoints, and networks that other tasks use.
const std::vector<std::string> kLeftovers{
    "model_ema.*",
    "*position_ids",
    "loss*",
    "betas",
    "alphas_cumprod*",
    "sqrt_*",
    "log_one_minus*",
    "posterior_*",
    "lvlb_weights",
    "logvar",
    "cond_stage_key",
    "scale_factor",
    "global_step",
    "depth_model.*",
    "low_scale_model.*",
    "noise_augmentor.*",
};

bool has_prefix(const WeightSource& file, std::string_view prefix) {
  return std::ranges::any_of(file.names(),
                             [&](const std::string& name) { return name.starts_with(prefix); });
}

void require_prefix(const WeightSource& file, std::string_view prefix, const std::string& what) {
  if (has_prefix(file, prefix)) return;
  throw InputError(file.where() + ": there is no " + what + " in it (no tensor " +
                   std::string(prefix) + "*)");
}

// All that a model of the family cannot do without, at once.
void require_parts(const WeightSource& file, const Family& family) {
  std::string parts, tensors;
  for (const OriginalPart& part : family.parts) {
    if (!part.required || has_prefix(file, part.tensors.prefix)) continue;
    parts += (parts.empty() ? "" : " and no ") + in_words(part.role);
    tensors += (tensors.empty() ? "" : ", ") + std::string(part.tensors.prefix) + "*";
  }
  if (parts.empty()) return;
  throw InputError(file.where() + ": there is no " + parts + " in it (no tensor " + tensors + ")");
}

// The config beside the file, if there is one.
std::optional<OriginalConfig> read_config_beside(const std::filesystem::path& path,
                                                 const Family& family) {
  const auto file = config_beside(path);
  if (!file || !family.ldm_config) return std::nullopt;
  OriginalConfig config = read_original_config(*file);
  if (config.open_clip != family.open_clip) {
    const auto name = [](bool open_clip) { return open_clip ? "OpenCLIP's" : "CLIP's"; };
    throw InputError(config.where + ": cond_stage_config names " + name(config.open_clip) +
                     " text encoder, but the weights in " + path.string() + " have " +
                     name(family.open_clip));
  }
  return config;
}

// The average must be whole: what is missing of it is not made up from the network itself.
void check_average(const WeightSource& file, const OriginalPart& part,
                   const std::vector<NameRule>& rules) {
  const std::string what = in_words(part.role);
  require_prefix(file, part.average.prefix, "average of the " + what + " (EMA weights)");
  std::vector<std::string> missing;
  for (const NameRule& rule : rules) {
    if (!file.find(rule.from)) missing.push_back(shown(rule.from));
  }
  if (missing.empty()) return;
  throw InputError(file.where() + ": " + std::to_string(missing.size()) + " of the " + what +
                   "'s EMA weights are missing: " + some_of(missing));
}

/// A checkpoint on its way to a model.
struct Reading {
  const std::shared_ptr<const WeightSource>& file;
  const Family& family;
  const PipelineClass& pipeline;
  const std::string& prediction;
  const std::optional<OriginalConfig>& original;
  ModelFiles& files;

  bool as_v() const { return prediction == "v_prediction"; }
  ConfigObject config(std::string_view name) const { return family.config(name, file->where()); }
};

ConfigObject settled(const Reading& reading, std::string_view role, ConfigObject config) {
  if (!reading.original) return config;
  return with_settings(std::move(config), role, *reading.original, reading.files.origin.string());
}

void add_parts(Reading& reading) {
  const auto& [file, family, pipeline, prediction, original, files] = reading;
  for (const OriginalPart& part : family.parts) {
    if (!has_prefix(*file, part.tensors.prefix)) continue;
    const PipelineComponent& component = pipeline.component(part.role);
    files.parts.push_back({.role = std::string(part.role),
                           .library = std::string(component.library),
                           .class_name = std::string(component.class_name),
                           .config = reading.config(part.role),
                           .weights = nullptr});
  }
  ConfigObject& unet = files.part("unet").config;
  unet = unet.with("in_channels", family.in_channels);
  if (family.sizes != nullptr) {
    const std::string prefix(family.find("unet")->tensors.prefix);
    unet = family.sizes(unet, *file, prefix);
  }
  if (is_grounded(*file)) unet = unet.with("attention_type", "gated");
  if (reading.as_v() && family.v_sample_size != 0) {
    unet = unet.with("sample_size", family.v_sample_size);
  }
  for (Part& part : files.parts) part.config = settled(reading, part.role, part.config);
}

void add_configs(Reading& reading) {
  const auto& [file, family, pipeline, prediction, original, files] = reading;
  const bool other = reading.as_v() && !family.v_scheduler.empty();
  ConfigObject scheduler =
      reading.config(other ? family.v_scheduler : "scheduler").with("prediction_type", prediction);
  files.configs.emplace("scheduler", settled(reading, "scheduler", std::move(scheduler)));
  for (const PipelineComponent& component : pipeline.components) {
    const std::string role(component.role);
    const bool declared = std::ranges::count(pipeline.declared, component.role) > 0;
    if (component.kind == ComponentKind::tokenizer && component.required) {
      files.tokenizers[role] = {"", reading.config(role).require<std::string>("pad_token")};
    } else if ((component.kind == ComponentKind::scheduler && declared) ||
               (component.kind == ComponentKind::processor && files.has(component.serves))) {
      files.configs.emplace(role, reading.config(role));
    }
  }
}

// Returns the names in the file of all tensors that the parts take.
std::set<std::string> add_weights(Reading& reading, bool ema) {
  std::set<std::string> used;
  for (Part& part : reading.files.parts) {
    const OriginalPart& original = *reading.family.find(part.role);
    const bool average = ema && !original.average.prefix.empty();
    const OriginalTensors& tensors = average ? original.average : original.tensors;
    const auto& config = part.config.json();
    const auto rules = tensors.names(config, std::string(tensors.prefix));
    if (average) check_average(*reading.file, original, rules);
    for (const NameRule& rule : rules) used.insert(rule.from);
    part.weights = from_original_layout(reading.file, tensors, rules, config);
  }
  return used;
}

// Tensors that no part takes are named, not refused: they cannot change what is computed.
void name_unused(const Reading& reading, const std::set<std::string>& used) {
  std::vector<std::string> strange;
  for (const std::string& name : reading.file->names()) {
    if (used.contains(name)) continue;
    reading.files.left_out.push_back(shown(name));
    const bool below_a_part = std::ranges::any_of(reading.family.parts, [&](const auto& part) {
      return name.starts_with(part.tensors.prefix);
    });
    if (!below_a_part && !matches_any(name, kLeftovers)) strange.push_back(shown(name));
  }
  if (strange.empty()) return;
  reading.files.warnings.push_back(
      reading.file->where() + ": " + std::to_string(strange.size()) +
      " tensors belong to no part of the model and are not used: " + some_of(strange, 3));
}

}  // namespace

ModelFiles open_single_file(const std::filesystem::path& path, bool ema) {
  return read_checkpoint(open_checkpoint(path), path, ema);
}

ModelFiles read_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path,
                           bool ema) {
  const auto file = with_checkpoint_prefixes(checkpoint.source);
  Recognition recognition = require_model(*file);
  const Family& family = *recognition.family;
  require_parts(*file, family);
  const auto original = read_config_beside(path, family);
  PredictionGuess prediction = guess_prediction(*file, family, checkpoint.metadata, original);

  ModelFiles files;
  files.origin = path;
  files.pipeline_class = family.pipeline_class;
  files.description = std::string(family.name) + (is_grounded(*file) ? " with GLIGEN" : "") +
                      ", single file" + (ema ? ", EMA weights" : "") +
                      (original ? ", with the config " + original->where : "");
  files.weight_files = {path};
  files.force_zeros_for_empty_prompt = family.zeroes_negative;
  files.requires_aesthetics_score = family.scores;
  files.evidence = std::move(recognition.evidence);
  files.prediction_signals = std::move(prediction.signals);
  files.metadata = checkpoint.metadata;
  if (!prediction.warning.empty()) {
    files.warnings.push_back(file->where() + ": " + prediction.warning);
  }
  Reading reading{file,     family, pipeline_class(family.pipeline_class), prediction.type,
                  original, files};
  add_parts(reading);
  add_configs(reading);
  name_unused(reading, add_weights(reading, ema));
  return files;
}

}  // namespace velatura::weights
