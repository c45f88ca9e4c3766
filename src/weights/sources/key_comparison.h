#pragma once

#include <string>
#include <utility>
#include <vector>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A network's parameters under their full names. The tensors are handles: what they are given, it has.
using Parameters = std::vector<std::pair<std::string, at::Tensor>>;

/// How a source's tensors differ from a network's parameters; names are fit to be shown.
struct KeyComparison {
  std::vector<std::string> missing;
  std::vector<std::string> unexpected;
  std::vector<std::string> wrong_shape;  ///< "conv_in.weight is [3], expected [320, 4, 3, 3]"
  std::vector<std::string> not_floating_point;  ///< "conv_in.weight is Int"

  bool fits() const;
  /// "missing (2): a, b; unexpected (1): c"; empty if it fits
  std::string problems() const;
};

/// Adds to `found` how the source's tensor of that name differs from a parameter.
void compare_key(const std::string& name, const at::Tensor& parameter, const WeightSource& source,
                 KeyComparison& found);

/// Compares names, shapes and types; reads no tensor.
/// @param ignored  patterns (`*` for any characters) of names in the source that are passed over
KeyComparison compare_keys(const Parameters& parameters, const WeightSource& source,
                           const std::vector<std::string>& ignored = {});

}  // namespace velatura::weights
