#include "weights/write/write_diffusers_folder.h"

#include "weights/layouts/pipeline_class.h"
#include "weights/write/write_json_file.h"
#include "weights/write/write_weight_files.h"

namespace velatura::weights {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDiffusersVersion = "0.42.1";  // whose layout this is; diffusers asks for it

Json class_of(const ModelFiles& files, const PipelineComponent& component) {
  if (component.library != "diffusers") return component.class_name;
  const Part* const part = files.find(component.role);
  return (part == nullptr ? files.config(component.role) : part->config).json().at("_class_name");
}

// [library, class]; of an absent component [null, null].
Json declared(const ModelFiles& files, const PipelineComponent& component) {
  if (!files.has(component.role)) return {nullptr, nullptr};
  return {component.library, class_of(files, component)};
}

Json model_index(const ModelFiles& files) {
  const PipelineClass& pipeline = pipeline_class(files.pipeline_class);
  Json index = {{"_class_name", pipeline.name}, {"_diffusers_version", kDiffusersVersion}};
  const auto declare = [&](const PipelineComponent& component) {
    index[std::string(component.role)] = declared(files, component);
  };
  for (const PipelineComponent& component : pipeline.components) {
    if (component.required) declare(component);
  }
  for (const std::string_view role : pipeline.declared) declare(pipeline.component(role));
  for (const PipelineComponent& component : pipeline.components) {
    if (files.has(component.role)) declare(component);
  }
  if (pipeline.adds_noise) index["max_noise_level"] = files.max_noise_level;
  if (pipeline.zeroes_negative)
    index["force_zeros_for_empty_prompt"] = files.force_zeros_for_empty_prompt;
  if (pipeline.may_score) index["requires_aesthetics_score"] = files.requires_aesthetics_score;
  if (pipeline.may_check_safety) index["requires_safety_checker"] = false;
  return index;
}

}  // namespace

void write_diffusers_folder(const std::filesystem::path& folder, const ModelFiles& files,
                            std::uint64_t max_shard_size, const std::function<void()>& on_written) {
  for (const auto& [role, config] : files.configs) {
    const ComponentKind kind = pipeline_class(files.pipeline_class).component(role).kind;
    write_json_file(folder / role / config_file(kind), config.json());
  }
  for (const Part& part : files.parts) {
    write_json_file(folder / part.role / "config.json", part.config.json());
    write_weight_files(folder / part.role, part.stem(), *part.weights, max_shard_size, on_written);
  }
  write_json_file(folder / "model_index.json", model_index(files));
}

}  // namespace velatura::weights
