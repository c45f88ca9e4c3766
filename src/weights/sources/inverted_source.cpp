#include "weights/sources/inverted_source.h"

#include <ATen/ops/cat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "velatura/error.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

bool is_third(const NameRule& rule) {
  return rule.transform >= Transform::first_third;
}

}  // namespace

InvertedSource::InvertedSource(std::shared_ptr<const WeightSource> base,
                               const std::vector<NameRule>& rules)
    : base_(std::move(base)) {
  std::set<std::string> taken;
  for (const NameRule& rule : rules) {
    if (taken.insert(rule.to).second) rules_of_[rule.from].push_back(rule);
  }
  std::erase_if(rules_of_, [&](const auto& item) {
    return std::any_of(item.second.begin(), item.second.end(),
                       [&](const NameRule& rule) { return !base_->find(rule.to); });
  });
  for (auto& [from, parts] : rules_of_) {
    std::sort(parts.begin(), parts.end(),
              [](const auto& a, const auto& b) { return a.transform < b.transform; });
    const TensorInfo first = *base_->find(parts[0].to);
    for (const NameRule& part : parts) {
      const TensorInfo info = *base_->find(part.to);
      if (info.shape != first.shape || info.dtype != first.dtype ||
          (is_third(part) && info.shape.empty())) {
        throw InputError(where() + ": " + shown(part.to) + " is " + shape_text(info.shape) + ", " +
                         shown(parts[0].to) + " is " + shape_text(first.shape) +
                         ", which cannot be put together");
      }
    }
  }
}

std::vector<std::string> InvertedSource::names() const {
  std::vector<std::string> names;
  names.reserve(rules_of_.size());
  for (const auto& [name, rules] : rules_of_) names.push_back(name);
  return names;
}

std::optional<TensorInfo> InvertedSource::find(const std::string& name) const {
  const auto found = rules_of_.find(name);
  if (found == rules_of_.end()) return std::nullopt;
  const NameRule& rule = found->second[0];
  auto info = base_->find(rule.to);
  auto& shape = info->shape;
  if (is_third(rule)) {
    shape[0] *= 3;
  } else if (shape.size() == 2 && rule.transform == Transform::squeeze) {
    shape.insert(shape.end(), {1, 1});
  } else if (shape.size() == 2 && rule.transform == Transform::transpose) {
    std::swap(shape[0], shape[1]);
  }
  return info;
}

at::Tensor InvertedSource::load(const std::string& name) const {
  const auto info = find(name);
  if (!info) throw InputError(where() + ": there is no tensor '" + shown(name) + "'");
  const auto& rules = rules_of_.find(name)->second;
  std::vector<at::Tensor> parts;
  for (const NameRule& rule : rules) parts.push_back(base_->load(rule.to));
  if (is_third(rules[0])) return at::cat(parts, 0);
  if (rules[0].transform == Transform::transpose && parts[0].dim() == 2) {
    return parts[0].t().contiguous();
  }
  return parts[0].view(info->shape);
}

}  // namespace velatura::weights
