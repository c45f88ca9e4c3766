#pragma once

#include <utility>

#include "weights/sources/weight_source.h"
#include "weights/tensors.h"

namespace velatura::weights::testing {

/// Tensors that are there already.
class MemorySource final : public WeightSource {
 public:
  explicit MemorySource(Tensors tensors) : tensors_(std::move(tensors)) {}

  std::string where() const override { return "memory"; }
  std::vector<std::string> names() const override {
    std::vector<std::string> all;
    for (const auto& [name, tensor] : tensors_) all.push_back(name);
    return all;
  }
  std::optional<TensorInfo> find(const std::string& name) const override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return std::nullopt;
    return TensorInfo{found->second.scalar_type(), found->second.sizes().vec()};
  }
  at::Tensor load(const std::string& name) const override { return tensors_.at(name); }

 private:
  Tensors tensors_;
};

}  // namespace velatura::weights::testing
