#include "weights/sources/renamed_source.h"

#include <set>
#include <utility>

namespace velatura::weights {
namespace {

std::int64_t third(Transform transform) {
  return static_cast<std::int64_t>(transform) - static_cast<std::int64_t>(Transform::first_third);
}

bool is_1x1(const std::vector<std::int64_t>& shape) {
  return (shape.size() == 3 || shape.size() == 4) && shape[2] == 1 && shape.back() == 1;
}

bool splits(const std::vector<std::int64_t>& shape) {
  return !shape.empty() && shape[0] % 3 == 0;
}

}  // namespace

RenamedSource::RenamedSource(std::shared_ptr<const WeightSource> base,
                             const std::vector<NameRule>& rules)
    : base_(std::move(base)) {
  for (const NameRule& rule : rules) {
    if (!base_->find(rule.from)) continue;
    const auto [other, added] = entries_.emplace(rule.to, rule);
    if (!added) {
      throw InputError(where() + ": tensors '" + shown(other->second.from) + "' and '" +
                       shown(rule.from) + "' are the same parameter");
    }
  }
}

TensorInfo RenamedSource::info_of(const std::string&, const NameRule& rule) const {
  TensorInfo info = base_->find(rule.from).value();
  auto& shape = info.shape;
  switch (rule.transform) {
    case Transform::none:
      break;
    case Transform::squeeze:
      if (is_1x1(shape)) shape.resize(2);
      break;
    case Transform::transpose:
      if (shape.size() == 2) std::swap(shape[0], shape[1]);
      break;
    case Transform::first_third:
    case Transform::second_third:
    case Transform::last_third:
      if (splits(shape)) shape[0] /= 3;
      break;
  }
  return info;
}

at::Tensor RenamedSource::make(const std::string&, const NameRule& rule) const {
  at::Tensor tensor = base_->load(rule.from);
  const auto shape = tensor.sizes().vec();
  switch (rule.transform) {
    case Transform::none:
      return tensor;
    case Transform::squeeze:
      return is_1x1(shape) ? tensor.view({shape[0], shape[1]}) : tensor;
    case Transform::transpose:
      return shape.size() == 2 ? tensor.t().contiguous() : tensor;
    case Transform::first_third:
    case Transform::second_third:
    case Transform::last_third:
      break;
  }
  if (!splits(shape)) return tensor;
  return tensor.narrow(0, third(rule.transform) * (shape[0] / 3), shape[0] / 3);
}

std::vector<NameRule> with_unmapped(std::vector<NameRule> rules, const WeightSource& base,
                                    const std::string& prefix,
                                    const std::vector<std::string>& ignored) {
  std::set<std::string> mapped;
  for (const NameRule& rule : rules) mapped.insert(rule.from);
  for (const std::string& name : base.names()) {
    if (!name.starts_with(prefix) || mapped.contains(name) || matches_any(name, ignored)) continue;
    rules.push_back({name, name});
  }
  return rules;
}

}  // namespace velatura::weights
