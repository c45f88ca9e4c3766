#include "support/stand_in_gpu/fallback.h"

#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/stand_in_gpu/aliases.h"
#include "support/stand_in_gpu/stand_in.h"

namespace velatura::stand_in {
namespace {

/// The operands of one call as the CPU's kernels see them, and the way back.
class Operands {
 public:
  explicit Operands(std::string op) : op_(std::move(op)) {}

  void to_host(c10::IValue& value) {
    if (value.isTensor()) {
      value = host(value.toTensor(), false);
    } else if (value.isTensorList()) {
      std::vector<at::Tensor> all;
      for (const at::Tensor& each : value.toTensorVector()) all.push_back(host(each, true));
      value = c10::List<at::Tensor>(all);
    } else if (value.isList() &&
               value.toList().elementType()->kind() == c10::TypeKind::OptionalType) {
      c10::List<std::optional<at::Tensor>> all;
      for (const c10::IValue& each : value.toListRef())
        all.push_back(each.isNone() ? std::nullopt : std::optional(host(each.toTensor(), true)));
      value = all;
    } else if (value.isDevice() && value.toDevice().type() == kType) {
      asked_ = value.toDevice().index();
      value = c10::Device(at::kCPU);
    }
  }

  /// Once all are seen.
  void check() const {
    TORCH_CHECK(elsewhere_.empty(), op_,
                ": Expected all tensors to be on the same device, but found at least two devices, ",
                elsewhere_, "!");
  }

  void to_device(c10::IValue& value) const {
    if (value.isTensor()) {
      value = device(value.toTensor());
    } else if (value.isTensorList()) {
      std::vector<at::Tensor> all;
      for (const at::Tensor& each : value.toTensorVector()) all.push_back(device(each));
      value = c10::List<at::Tensor>(all);
    }
  }

  /// An output that was resized has other memory now.
  void follow_outputs() const {
    for (const auto& [original, alias] : aliases_) follow(original, alias);
  }

 private:
  struct Alias {
    at::Tensor original, alias;
  };

  at::Tensor host(const at::Tensor& tensor, bool in_list) {
    if (!tensor.defined()) return tensor;
    if (!of_device(tensor)) {
      // CUDA's kernels take a CPU's scalar, but not in lists.
      if (tensor.dim() != 0 || in_list) elsewhere_ = "cuda and cpu";
      return tensor;
    }
    if (index_ && *index_ != tensor.device().index()) elsewhere_ = "cuda:0 and cuda:1";
    index_ = tensor.device().index();
    const auto seen = std::ranges::find_if(
        aliases_, [&](const Alias& each) { return each.original.is_same(tensor); });
    if (seen != aliases_.end()) return seen->alias;
    aliases_.push_back({tensor, on_host(tensor)});
    return aliases_.back().alias;
  }

  at::Tensor device(const at::Tensor& tensor) const {
    if (!tensor.defined()) return tensor;
    const auto seen = std::ranges::find_if(
        aliases_, [&](const Alias& each) { return each.alias.is_same(tensor); });
    if (seen != aliases_.end()) return seen->original;
    const auto asked = asked_ && *asked_ >= 0 ? *asked_ : current_device();
    return on_device(tensor, index_.value_or(asked));
  }

  std::string op_, elsewhere_;
  std::vector<Alias> aliases_;
  std::optional<c10::DeviceIndex> index_, asked_;
};

}  // namespace

void fallback(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const std::string name = c10::toString(op.operator_name());
  Operands operands(name);
  const auto count = static_cast<std::ptrdiff_t>(op.schema().arguments().size());
  std::for_each(stack->end() - count, stack->end(),
                [&](c10::IValue& value) { operands.to_host(value); });
  operands.check();
  note("launch", name);
  {
    const InKernel running;
    op.callBoxed(stack);
  }
  operands.follow_outputs();
  const auto results = static_cast<std::ptrdiff_t>(op.schema().returns().size());
  std::for_each(stack->end() - results, stack->end(),
                [&](c10::IValue& value) { operands.to_device(value); });
  static const std::set<std::string> waits{"aten::equal", "aten::nonzero", "aten::is_nonzero"};
  if (waits.contains(name)) note("wait", name);
}

}  // namespace velatura::stand_in
