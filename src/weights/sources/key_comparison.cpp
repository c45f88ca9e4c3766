#include "weights/sources/key_comparison.h"

#include <ATen/core/Tensor.h>

#include <set>

#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

void add_problem(std::string& message, const std::string& kind,
                 const std::vector<std::string>& names) {
  if (names.empty()) return;
  message += (message.empty() ? "" : "; ") + kind + " (" + std::to_string(names.size()) +
             "): " + some_of(names);
}

}  // namespace

bool KeyComparison::fits() const {
  return missing.empty() && unexpected.empty() && wrong_shape.empty() && not_floating_point.empty();
}

std::string KeyComparison::problems() const {
  std::string text;
  add_problem(text, "missing", missing);
  add_problem(text, "unexpected", unexpected);
  add_problem(text, "wrong shape", wrong_shape);
  add_problem(text, "not floating point", not_floating_point);
  return text;
}

void compare_key(const std::string& name, const at::Tensor& parameter, const WeightSource& source,
                 KeyComparison& found) {
  const auto info = source.find(name);
  if (!info) {
    found.missing.push_back(shown(name));
  } else if (parameter.sizes() != at::IntArrayRef(info->shape)) {
    found.wrong_shape.push_back(shown(name) + " is " + shape_text(info->shape) + ", expected " +
                                shape_text(parameter.sizes()));
  } else if (!at::isFloatingType(info->dtype)) {
    found.not_floating_point.push_back(shown(name) + " is " + c10::toString(info->dtype));
  }
}

KeyComparison compare_keys(const Parameters& parameters, const WeightSource& source,
                           const std::vector<std::string>& ignored) {
  KeyComparison found;
  std::set<std::string> wanted;
  for (const auto& [name, parameter] : parameters) {
    wanted.insert(name);
    compare_key(name, parameter, source, found);
  }
  for (const std::string& name : source.names()) {
    if (!wanted.contains(name) && !matches_any(name, ignored)) {
      found.unexpected.push_back(shown(name));
    }
  }
  return found;
}

}  // namespace velatura::weights
