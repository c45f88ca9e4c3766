#include "weights/sources/inverted_source.h"

#include <ATen/ops/cat.h>

#include <algorithm>
#include <set>
#include <utility>

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
    if (taken.insert(rule.to).second) entries_[rule.from].push_back(rule);
  }
  std::erase_if(entries_, [&](const auto& item) {
    return std::any_of(item.second.begin(), item.second.end(),
                       [&](const NameRule& rule) { return !base_->find(rule.to); });
  });
  for (auto& [from, parts] : entries_) {
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

TensorInfo InvertedSource::info_of(const std::string&, const std::vector<NameRule>& rules) const {
  const NameRule& rule = rules[0];
  TensorInfo info = base_->find(rule.to).value();
  auto& shape = info.shape;
  if (is_third(rule)) {
    shape[0] *= 3;
  } else if (shape.size() == 2 && rule.transform == Transform::squeeze) {
    shape.insert(shape.end(), {1, 1});
  } else if (shape.size() == 2 && rule.transform == Transform::transpose) {
    std::swap(shape[0], shape[1]);
  }
  return info;
}

at::Tensor InvertedSource::make(const std::string& name, const std::vector<NameRule>& rules) const {
  std::vector<at::Tensor> parts;
  for (const NameRule& rule : rules) parts.push_back(base_->load(rule.to));
  if (is_third(rules[0])) return at::cat(parts, 0);
  if (rules[0].transform == Transform::transpose && parts[0].dim() == 2) {
    return parts[0].t().contiguous();
  }
  return parts[0].view(info_of(name, rules).shape);
}

}  // namespace velatura::weights
