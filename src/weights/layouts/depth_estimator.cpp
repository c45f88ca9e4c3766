#include "weights/layouts/depth_estimator.h"

#include <string>

#include "core/config_object.h"
#include "weights/layouts/weight_files.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

constexpr const char* kClass = "DPTForDepthEstimation";

ConfigObject config_in(const fs::path& model, const fs::path& file) {
  if (!fs::exists(file)) {
    throw InputError(model.string() + ": not a depth estimator's folder: there is no " +
                     file.string());
  }
  return {file.string(), read_json(file)};
}

// "DPTForDepthEstimation", or what else stands there; "": nothing does.
std::string class_of(const ConfigObject& config) {
  const auto& json = config.json();
  if (!json.is_object() || !json.contains("architectures")) return "";
  const auto& classes = json.at("architectures");
  const bool named = classes.is_array() && classes.size() == 1 && classes[0].is_string();
  return named ? classes[0].get<std::string>() : "";
}

}  // namespace

DepthEstimatorFiles open_depth_estimator(const fs::path& path) {
  const bool within = fs::is_directory(path / "depth_estimator");
  const fs::path place = within ? path / "depth_estimator" : path;
  ConfigObject config = config_in(path, place / "config.json");
  if (const std::string found = class_of(config); !found.empty() && found != kClass) {
    throw InputError(config.where() + ": architectures is \"" + found + "\", expected \"" + kClass +
                     "\"");
  }
  ConfigObject processor =
      config_in(path, (within ? path / "feature_extractor" : path) / "preprocessor_config.json");
  return {.network = {.role = "depth_estimator",
                      .library = "transformers",
                      .class_name = kClass,
                      .config = std::move(config),
                      .weights = open_weight_files(place, "model", "").source},
          .processor = std::move(processor)};
}

}  // namespace velatura::weights
