#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "weights/sources/renamed_source.h"

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

  /// Three layers whose weights and biases are one behind the other. The leaf's name is joined to
  /// `from` as it stands.
  void fused(const std::string& from, const std::string& to,
             const std::array<std::string, 3>& layers) {
    for (const std::string leaf : {"weight", "bias"}) {
      tensor(from + leaf, to + layers[0] + "." + leaf, Transform::first_third);
      tensor(from + leaf, to + layers[1] + "." + leaf, Transform::second_third);
      tensor(from + leaf, to + layers[2] + "." + leaf, Transform::last_third);
    }
  }

  std::vector<NameRule> take() { return std::move(rules_); }

 private:
  std::string prefix_;
  std::vector<NameRule> rules_;
};

}  // namespace velatura::weights
