#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "weights/adapters/factor.h"
#include "weights/sources/weight_source.h"

namespace velatura::weights {

using Shape = std::vector<std::int64_t>;

/// What an adapter file has for one layer: tensors of it by their place in the formula.
class LayerFactors {
 public:
  explicit LayerFactors(std::shared_ptr<const WeightSource> file) : file_(std::move(file)) {}

  /// @return the key that was there before; empty: none was
  std::string put(Factor factor, const std::string& key);

  bool has(Factor factor) const { return keys_.contains(factor); }
  bool has_any(std::span<const Factor> factors) const;
  const std::map<Factor, std::string>& keys() const { return keys_; }

  /// @pre  it has the factor
  Shape shape(Factor factor) const;
  /// In float32. @pre  it has the factor
  at::Tensor operator()(Factor factor) const;
  /// Its only value. @pre  it has the factor, of one element
  double number(Factor factor) const;

  /// "x.lora_down.weight is [4, 320]", for messages.
  std::string described(Factor factor) const;

 private:
  std::shared_ptr<const WeightSource> file_;
  std::map<Factor, std::string> keys_;
};

/// Whether shapes are the same but for ones at their ends: a linear layer's factor fits if it is
/// stored as a 1x1 convolution's, and the other way round.
bool same_but_for_ones(Shape a, Shape b);

}  // namespace velatura::weights
