#include "weights/write/write_diffusers_folder.h"

#include "weights/layouts/model_parts.h"
#include "weights/write/write_json_file.h"
#include "weights/write/write_weight_files.h"

namespace velatura::weights {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDiffusersVersion = "0.42.1";  // whose layout this is; diffusers asks for it

Json model_index(const ModelFiles& files) {
  const Json absent = {nullptr, nullptr};
  const auto diffusers = [](const ConfigObject& config) -> Json {
    return {"diffusers", config.json().at("_class_name")};
  };
  const bool upscales = files.low_res_scheduler.has_value();
  const bool has_depth = files.pipeline_class == "StableDiffusionDepth2ImgPipeline";
  Json index = {{"_class_name", files.pipeline_class}, {"_diffusers_version", kDiffusersVersion}};
  index["unet"] = diffusers(files.unet.config);
  index["vae"] = diffusers(files.vae.config);
  index["text_encoder"] = {"transformers", "CLIPTextModel"};
  index["tokenizer"] = {"transformers", "CLIPTokenizer"};
  index["scheduler"] = diffusers(files.scheduler);
  if (has_depth) {
    index["depth_estimator"] = absent;
    index["feature_extractor"] = absent;
    if (files.depth_estimator) {
      index["depth_estimator"] = {"transformers", "DPTForDepthEstimation"};
      index["feature_extractor"] = {"transformers", "DPTImageProcessor"};
    }
    return index;
  }
  index["safety_checker"] = absent;
  index["feature_extractor"] = absent;
  if (upscales) {
    index["low_res_scheduler"] = diffusers(*files.low_res_scheduler);
    index["watermarker"] = absent;
    index["max_noise_level"] = files.max_noise_level;
  } else {
    index["requires_safety_checker"] = false;
  }
  return index;
}

}  // namespace

void write_diffusers_folder(const std::filesystem::path& folder, const ModelFiles& files,
                            std::uint64_t max_shard_size, const std::function<void()>& on_written) {
  write_json_file(folder / "scheduler" / "scheduler_config.json", files.scheduler.json());
  if (files.low_res_scheduler) {
    write_json_file(folder / "low_res_scheduler" / "scheduler_config.json",
                    files.low_res_scheduler->json());
  }
  if (files.depth_estimator) {
    write_json_file(folder / "feature_extractor" / "preprocessor_config.json",
                    files.depth_estimator->processor.json());
  }
  for (const auto& [name, stem, component] : parts_of(files)) {
    write_json_file(folder / name / "config.json", component.config.json());
    write_weight_files(folder / name, stem, *component.weights, max_shard_size, on_written);
  }
  write_json_file(folder / "model_index.json", model_index(files));
}

}  // namespace velatura::weights
