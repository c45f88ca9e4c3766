// libvelatura_cuda_graph of the stand-in: the calls of operators on its tensors, made again on the same memory.

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/gpu_graph.h"

namespace velatura::stand_in {
namespace {

// One of libtorch's keys that nothing else uses: each call is seen there before it is carried out.
constexpr auto kRecorder = c10::DispatchKey::TESTING_ONLY_GenericMode;

struct Call {
  c10::OperatorHandle op;
  torch::jit::Stack arguments, results;
};

thread_local std::vector<Call>* recording = nullptr;

bool is_of_device(const torch::jit::Stack& values) {
  bool found = false;
  for (const c10::IValue& value : values) {
    value.visit([&](const c10::IValue& each) {
      found |= each.isTensor() && each.toTensor().defined() && each.toTensor().is_cuda();
      return found;
    });
  }
  return found;
}

// What is a view, or was written in place, has the same memory again.
void give(const at::Tensor& to, const at::Tensor& from) {
  if (to.defined() && to.data_ptr() != from.data_ptr()) to.copy_(from);
}

void carry_out(const Call& call) {
  torch::jit::Stack stack = call.arguments;
  call.op.callBoxed(&stack);
  for (std::size_t i = 0; i < stack.size(); ++i) {
    if (stack[i].isTensor()) {
      give(call.results[i].toTensor(), stack[i].toTensor());
    } else if (stack[i].isTensorList()) {
      const auto to = call.results[i].toTensorVector(), from = stack[i].toTensorVector();
      for (std::size_t k = 0; k < to.size(); ++k) give(to[k], from[k]);
    }
  }
}

void record(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const c10::impl::ExcludeDispatchKeyGuard carried_out(kRecorder);
  const auto count = static_cast<std::ptrdiff_t>(op.schema().arguments().size());
  const torch::jit::Stack arguments(stack->end() - count, stack->end());
  static const std::set<std::string> waits{"aten::item", "aten::_local_scalar_dense", "aten::equal",
                                           "aten::nonzero", "aten::is_nonzero"};
  const std::string name = op.operator_name().name;
  TORCH_CHECK(!waits.contains(name) || !is_of_device(arguments), "a recording waits for ", name);
  op.callBoxed(stack);
  const auto given = static_cast<std::ptrdiff_t>(op.schema().returns().size());
  const torch::jit::Stack results(stack->end() - given, stack->end());
  if (is_of_device(arguments) || is_of_device(results))
    recording->push_back({op, arguments, results});
}

class Graph final : public GpuGraph {
 public:
  explicit Graph(const std::function<void()>& work) {
    recording = &calls_;
    const c10::impl::IncludeDispatchKeyGuard seen(kRecorder);
    work();
  }
  void replay() override { std::ranges::for_each(calls_, carry_out); }

 private:
  std::vector<Call> calls_;
};

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&record>());
}

}  // namespace
}  // namespace velatura::stand_in

extern "C" __attribute__((visibility("default"))) velatura::GpuGraph* velatura_record_gpu_graph(
    at::Device, const std::function<void()>& work, const velatura::GpuGraph*) {
  return new velatura::stand_in::Graph(work);
}
