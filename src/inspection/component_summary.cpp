#include "inspection/component_summary.h"

#include <vector>

#include "core/device.h"
#include "models/clip_text/clip_text_model.h"
#include "models/dpt/dpt_for_depth_estimation.h"
#include "models/unet/unet_2d_condition_model.h"
#include "models/vae/autoencoder_kl.h"

namespace velatura::inspection {
namespace {

std::string class_of(const nlohmann::json& config) {
  const std::string name = config.value("_class_name", "");
  if (!name.empty()) return name;
  // transformers' configs say it in another way.
  const auto classes = config.value("architectures", std::vector<std::string>{});
  return classes.empty() ? "" : classes.front();
}

template <class Model, class Config>
ComponentSummary summarise(const std::string& name, const weights::Component& component) {
  ComponentSummary summary;
  summary.name = name;
  summary.class_name = class_of(component.config.json());
  summary.dtypes = elements_by_dtype(*component.weights);
  for (const auto& [dtype, count] : summary.dtypes) summary.parameters += count;
  summary.keys = weights::compare_keys(Model(Config::read(component.config)), *component.weights);
  return summary;
}

}  // namespace

std::map<std::string, std::int64_t> elements_by_dtype(const weights::WeightSource& source) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& name : source.names()) {
    const weights::TensorInfo info = *source.find(name);
    std::int64_t count = 1;
    for (const std::int64_t size : info.shape) count *= size;
    counts[dtype_name(info.dtype)] += count;
  }
  return counts;
}

ComponentSummary summarise_unet(const weights::Component& component) {
  return summarise<models::UNet2DConditionModel, models::UNetConfig>("unet", component);
}

ComponentSummary summarise_vae(const weights::Component& component) {
  return summarise<models::AutoencoderKL, models::VaeConfig>("vae", component);
}

ComponentSummary summarise_text_encoder(const weights::Component& component) {
  return summarise<models::ClipTextModel, models::ClipTextConfig>("text_encoder", component);
}

ComponentSummary summarise_depth_estimator(const weights::Component& component) {
  return summarise<models::DptForDepthEstimation, models::DptConfig>("depth_estimator", component);
}

}  // namespace velatura::inspection
