#pragma once

#include <string>
#include <utility>
#include <vector>

#include "weights/renamed_source.h"

namespace velatura::weights {

/// Grows a list of NameRules. All names get the prefix that the original layout has.
class RuleList {
 public:
  explicit RuleList(std::string prefix) : prefix_(std::move(prefix)) {}

  void tensor(const std::string& from, const std::string& to,
              Transform transform = Transform::none) {
    rules_.push_back({prefix_ + from, to, transform});
  }

  /// A layer's weight and bias. The transform is for the weight.
  void layer(const std::string& from, const std::string& to,
             Transform transform = Transform::none) {
    tensor(from + ".weight", to + ".weight", transform);
    tensor(from + ".bias", to + ".bias");
  }

  std::vector<NameRule> take() { return std::move(rules_); }

 private:
  std::string prefix_;
  std::vector<NameRule> rules_;
};

}  // namespace velatura::weights
