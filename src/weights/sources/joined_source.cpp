#include "weights/sources/joined_source.h"

#include <c10/util/Exception.h>

#include <utility>

#include "velatura/error.h"
#include "weights/sources/names.h"

namespace velatura::weights {

JoinedSource::JoinedSource(std::string where,
                           const std::vector<std::shared_ptr<const WeightSource>>& parts)
    : where_(std::move(where)) {
  for (const auto& part : parts) {
    for (const std::string& name : part->names()) {
      TORCH_CHECK(part_of_.emplace(name, part).second, "two parts have a tensor ", name);
    }
  }
}

std::vector<std::string> JoinedSource::names() const {
  std::vector<std::string> names;
  names.reserve(part_of_.size());
  for (const auto& [name, part] : part_of_) names.push_back(name);
  return names;
}

std::optional<TensorInfo> JoinedSource::find(const std::string& name) const {
  const auto part = part_of_.find(name);
  if (part == part_of_.end()) return std::nullopt;
  return part->second->find(name);
}

at::Tensor JoinedSource::load(const std::string& name) const {
  const auto part = part_of_.find(name);
  if (part == part_of_.end()) {
    throw InputError(where_ + ": there is no tensor '" + shown(name) + "'");
  }
  return part->second->load(name);
}

}  // namespace velatura::weights
