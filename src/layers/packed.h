#pragma once

#include <c10/core/StorageImpl.h>

#include <optional>

#include "layers/module.h"

namespace velatura::layers {

/// The form in which an operator computes with a layer's weight (ops::PackedLinear, …): made when it
/// is first needed, and anew once the parameter has been given another tensor. Where the operator
/// does not compute with the parameter's own memory, the parameter becomes a shape without memory
/// again, so that the weight is there once.
template <class Op>
class Packed {
 public:
  /// @param weight  the layer's parameter
  /// @param pack    () → Op, from the weight
  template <class Pack>
  const Op& of(at::Tensor& weight, const Pack& pack) {
    if (!op_ || seen_._unsafe_get_target() != weight.storage().unsafeGetStorageImpl()) {
      op_.emplace(pack());
      if (!op_->holds(weight)) weight.set_data(without_memory(weight.sizes(), weight.options()));
      seen_ = weight.storage().getWeakStorageImpl();
    }
    return *op_;
  }

  /// Lets go of what was made of a weight that the parameter no longer has, before it is needed anew.
  void forget_if_old(const at::Tensor& weight) {
    if (op_ && seen_._unsafe_get_target() != weight.storage().unsafeGetStorageImpl()) op_.reset();
  }

 private:
  std::optional<Op> op_;
  /// The parameter's memory when it was packed. Being weak, it keeps the place from being taken by
  /// another, but not the memory.
  c10::weak_intrusive_ptr<c10::StorageImpl> seen_{c10::intrusive_ptr<c10::StorageImpl>()};
};

}  // namespace velatura::layers
