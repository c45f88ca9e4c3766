#include "inspection/component_summary.h"

#include <vector>

#include "core/device.h"
#include "models/catalogue.h"

namespace velatura::inspection {
namespace {

std::string class_of(const nlohmann::json& config) {
  const std::string name = config.value("_class_name", "");
  if (!name.empty()) return name;
  // transformers' configs say it in another way.
  const auto classes = config.value("architectures", std::vector<std::string>{});
  return classes.empty() ? "" : classes.front();
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

ComponentSummary summarise_component(const weights::Part& part) {
  ComponentSummary summary;
  summary.name = part.role;
  summary.class_name = class_of(part.config.json());
  summary.dtypes = elements_by_dtype(*part.weights);
  for (const auto& [dtype, count] : summary.dtypes) summary.parameters += count;
  summary.keys = weights::compare_keys(models::network_parameters(part.class_name, part.config),
                                       *part.weights);
  return summary;
}

}  // namespace velatura::inspection
