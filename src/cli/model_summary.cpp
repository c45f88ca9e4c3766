#include "cli/model_summary.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdio>

#include "core/device.h"
#include "models/unet/config.h"
#include "models/vae/config.h"
#include "samplers/make_plan.h"
#include "samplers/names.h"
#include "velatura/error.h"
#include "weights/model_files.h"

namespace velatura::cli {
namespace {

ComponentSummary summarise(const std::string& name, const weights::Component& component) {
  ComponentSummary summary;
  summary.name = name;
  summary.class_name = component.config.json().value("_class_name", "");
  if (summary.class_name.empty()) {  // transformers' configs say it in another way
    const auto classes = component.config.json().value("architectures", std::vector<std::string>{});
    if (!classes.empty()) summary.class_name = classes.front();
  }
  for (const std::string& key : component.weights->names()) {
    const weights::TensorInfo info = *component.weights->find(key);
    std::int64_t count = 1;
    for (const std::int64_t size : info.shape) count *= size;
    summary.parameters += count;
    summary.dtypes[dtype_name(info.dtype)] += count;
  }
  return summary;
}

std::int64_t native_size(const weights::ModelFiles& files) {
  const auto latents = models::UNetConfig::read(files.unet.config).sample_size;
  return latents ? *latents * models::VaeConfig::read(files.vae.config).factor() : 0;
}

void add_sampling(const weights::ModelFiles& files, ModelSummary& summary) {
  summary.scheduler = files.scheduler.json().value("_class_name", "");
  summary.prediction = files.scheduler.json().value("prediction_type", "epsilon");
  try {
    const auto choice =
        samplers::choose_sampler({files.scheduler.where(), files.scheduler.json()}, {});
    summary.sampler = samplers::name_of(choice.sampler);
  } catch (const Error& error) {
    summary.warnings.emplace_back(error.what());
  }
}

std::string count_text(std::int64_t count) {
  char text[32];
  std::snprintf(text, sizeof text, count < 1'000'000 ? "%.1f k" : "%.1f M",
                static_cast<double>(count) / (count < 1'000'000 ? 1e3 : 1e6));
  return text;
}

std::string size_text(const std::filesystem::path& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error) return "?";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

std::string dtypes_text(const ComponentSummary& component) {
  std::string text;
  for (const auto& [dtype, count] : component.dtypes) text += (text.empty() ? "" : ", ") + dtype;
  return text;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

}  // namespace

ModelSummary summarise_model(const std::filesystem::path& path,
                             const weights::OpenOptions& options) {
  const weights::ModelFiles files = weights::open_model(path, options);
  ModelSummary summary;
  summary.path = path;
  summary.description = files.description;
  summary.pipeline = files.pipeline_class;
  summary.size = native_size(files);
  summary.files = files.weight_files;
  summary.warnings = files.warnings;
  summary.components = {summarise("unet", files.unet), summarise("vae", files.vae),
                        summarise("text_encoder", files.text_encoder)};
  if (files.depth_estimator) {
    summary.components.push_back(summarise("depth_estimator", files.depth_estimator->network));
  }
  if (files.low_res_scheduler) summary.max_noise_level = files.max_noise_level;
  add_sampling(files, summary);
  return summary;
}

std::string to_text(const ModelSummary& summary) {
  std::string text = summary.path.string() + "\n" + summary.description + "\n";
  const std::string size = std::to_string(summary.size);
  text += "\n  " + padded("pipeline", 12) + summary.pipeline;
  text +=
      "\n  " + padded("native size", 12) + (summary.size > 0 ? size + " x " + size : "not given");
  text += "\n  " + padded("prediction", 12) + summary.prediction;
  text += "\n  " + padded("sampler", 12) +
          (summary.sampler.empty() ? "none for it" : summary.sampler) + " (" + summary.scheduler +
          ")";
  if (summary.max_noise_level) {
    text += "\n  " + padded("noise level", 12) + "0 to " + std::to_string(*summary.max_noise_level);
  }
  text += "\n\n";
  std::size_t longest = 12;
  for (const auto& component : summary.components) {
    longest = std::max(longest, component.name.size());
  }
  for (const ComponentSummary& component : summary.components) {
    text += "  " + padded(component.name, longest) + padded(component.class_name, 22) +
            padded(count_text(component.parameters) + " parameters", 18) + dtypes_text(component) +
            "\n";
  }
  text += "\n";
  for (const auto& file : summary.files) {
    text += "  " + padded(size_text(file), 12) + file.string() + "\n";
  }
  return text;
}

nlohmann::ordered_json to_json(const ModelSummary& summary) {
  auto components = nlohmann::ordered_json::object();
  for (const ComponentSummary& component : summary.components) {
    components[component.name] = {{"class", component.class_name},
                                  {"parameters", component.parameters},
                                  {"dtypes", component.dtypes}};
  }
  std::vector<std::string> files;
  for (const auto& file : summary.files) files.push_back(file.string());
  const auto or_null = [](bool given, const auto& value) {
    return given ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
  };
  return {{"path", summary.path.string()},
          {"description", summary.description},
          {"pipeline", summary.pipeline},
          {"native_size", or_null(summary.size > 0, summary.size)},
          {"prediction", summary.prediction},
          {"scheduler", summary.scheduler},
          {"sampler", or_null(!summary.sampler.empty(), summary.sampler)},
          {"max_noise_level",
           or_null(summary.max_noise_level.has_value(), summary.max_noise_level.value_or(0))},
          {"components", components},
          {"files", files},
          {"warnings", summary.warnings}};
}

}  // namespace velatura::cli
