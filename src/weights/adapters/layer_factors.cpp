#include "weights/adapters/layer_factors.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "weights/sources/names.h"

namespace velatura::weights {

std::string LayerFactors::put(Factor factor, const std::string& key) {
  return std::exchange(keys_[factor], key);
}

bool LayerFactors::has_any(std::span<const Factor> factors) const {
  return std::ranges::any_of(factors, [&](Factor factor) { return has(factor); });
}

Shape LayerFactors::shape(Factor factor) const {
  return file_->find(keys_.at(factor)).value().shape;
}

at::Tensor LayerFactors::operator()(Factor factor) const {
  return file_->load(keys_.at(factor)).to(at::kFloat);
}

double LayerFactors::number(Factor factor) const {
  return file_->load(keys_.at(factor)).to(at::kDouble).item<double>();
}

std::string LayerFactors::described(Factor factor) const {
  return shown(keys_.at(factor)) + " is " + shape_text(shape(factor));
}

bool same_but_for_ones(Shape a, Shape b) {
  for (Shape* shape : {&a, &b}) {
    while (!shape->empty() && shape->back() == 1) shape->pop_back();
  }
  return a == b;
}

}  // namespace velatura::weights
