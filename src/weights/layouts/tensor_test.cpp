#include "weights/layouts/tensor_test.h"

#include <algorithm>

#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

bool fits(const std::vector<std::int64_t>& shape, const TensorTest& test) {
  if (test.rank != 0 && shape.size() != test.rank) return false;
  for (std::size_t i = 0; i < test.begins.size(); ++i) {
    if (test.begins[i] != 0 && (i >= shape.size() || shape[i] != test.begins[i])) return false;
  }
  return true;
}

// The name of a tensor that passes; empty if none does.
std::string passing(const WeightSource& file, const std::vector<std::string>& names,
                    const TensorTest& test) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
    return matches(name, test.pattern) && fits(file.find(name)->shape, test);
  });
  return found == names.end() ? "" : *found;
}

}  // namespace

std::optional<std::vector<std::string>> evidence_for(std::span<const TensorTest> tests,
                                                     const WeightSource& file,
                                                     const std::vector<std::string>& names) {
  std::vector<std::string> evidence;
  for (const TensorTest& test : tests) {
    if (test.pattern.empty()) continue;
    const std::string name = passing(file, names, test);
    if (name.empty()) return std::nullopt;
    evidence.push_back(std::string(test.says) + ": " + shown(name) + " is " +
                       shape_text(file.find(name)->shape));
  }
  return evidence;
}

}  // namespace velatura::weights
