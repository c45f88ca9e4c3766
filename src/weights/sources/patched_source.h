#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// What is added to one tensor.
struct Patch {
  std::string name;
  /// Adds it. Called when the tensor is loaded, from any thread.
  /// @param sum     float32, of the tensor's shape, contiguous; holds what others have added
  /// @param weight  the tensor as it is stored; not to be written to
  std::function<void(at::Tensor& sum, const at::Tensor& weight)> add;
};

/// A view of another source in which some tensors are patched: W + Σ ΔW, summed in float32 in the
/// patches' order and given in it, so that it is rounded once, into the number type that it is loaded
/// in. The others stay as they are.
class PatchedSource final : public WeightSource {
 public:
  /// @throws InputError naming every tensor that `base` lacks or that is no floating point one
  PatchedSource(std::shared_ptr<const WeightSource> base, const std::vector<Patch>& patches);

  std::string where() const override { return base_->where(); }
  std::vector<std::string> names() const override { return base_->names(); }
  std::optional<TensorInfo> find(const std::string& name) const override;
  at::Tensor load(const std::string& name) const override;

 private:
  std::shared_ptr<const WeightSource> base_;
  std::map<std::string, std::vector<Patch>> patches_;  ///< by the tensor's name
};

}  // namespace velatura::weights
