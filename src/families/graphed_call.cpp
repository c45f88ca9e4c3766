#include "families/graphed_call.h"

#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/clone.h>

#include "core/environment.h"
#include "core/interruption.h"
#include "core/text.h"

namespace velatura::families {
namespace {

constexpr int kCallsBefore = 2;

// What begins or ends in the middle of a run makes another kind of step.
constexpr int kMostGraphs = 4;

// A graph is replayed from the third step on, and recording it takes a step.
constexpr std::size_t kFewestGraphedSteps = 8;

bool is_asked_for_graphs() {
  return environment("VELATURA_CUDA_GRAPHS") == "on";
}

std::vector<at::Tensor> clones(const std::vector<at::Tensor*>& places) {
  std::vector<at::Tensor> clones;
  for (const at::Tensor* place : places)
    clones.push_back(place->defined() ? place->clone() : at::Tensor());
  return clones;
}

// While one lives, the tensors stand in these places, and what stood there among the tensors.
class Exchange {
 public:
  Exchange(const std::vector<at::Tensor*>& places, std::vector<at::Tensor>& tensors)
      : places_(places), tensors_(tensors) {
    swap();
  }
  ~Exchange() { swap(); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

 private:
  void swap() {
    for (std::size_t i = 0; i < places_.size(); ++i) std::swap(*places_[i], tensors_[i]);
  }
  const std::vector<at::Tensor*>& places_;
  std::vector<at::Tensor>& tensors_;
};

}  // namespace

GraphedCall::Kind GraphedCall::kind_of(const Inputs& inputs) {
  Kind kind{{}, inputs.numbers};
  for (const auto* const places : {&inputs.changing, &inputs.lasting}) {
    for (const at::Tensor* place : *places) {
      std::vector<std::int64_t>& alike = kind.first.emplace_back();
      if (!place->defined()) continue;
      alike = place->sizes().vec();
      alike.push_back(static_cast<std::int64_t>(place->scalar_type()));
    }
  }
  return kind;
}

void GraphedCall::record(Recording& recording, const Inputs& inputs, const Work& work) {
  try {
    recording.changing = clones(inputs.changing);
    recording.lasting = clones(inputs.lasting);
    for (const at::Tensor* place : inputs.lasting) recording.copied.push_back(*place);
    const Exchange changing(inputs.changing, recording.changing),
        lasting(inputs.lasting, recording.lasting);
    recording.graph = record_gpu_graph(
        inputs.changing.front()->device(), [&] { recording.outputs = work(); }, latest_);
    latest_ = recording.graph.get();
    ++graphs_;
  } catch (const c10::Error& error) {
    refusal_ = first_line(error.what_without_backtrace());
    recordings_.clear();
    if (is_asked_for_graphs()) warn_observer("steps are not queued as graphs: " + refusal_);
  }
}

void GraphedCall::replay(Recording& recording, const Inputs& inputs) {
  std::vector<at::Tensor> to, from;
  for (std::size_t i = 0; i < inputs.changing.size(); ++i) {
    if (!inputs.changing[i]->defined()) continue;
    to.push_back(recording.changing[i]);
    from.push_back(*inputs.changing[i]);
  }
  for (std::size_t i = 0; i < inputs.lasting.size(); ++i) {
    if (recording.copied[i].is_same(*inputs.lasting[i])) continue;
    recording.copied[i] = *inputs.lasting[i];
    to.push_back(recording.lasting[i]);
    from.push_back(*inputs.lasting[i]);
  }
  at::_foreach_copy_(to, from, /*non_blocking=*/true);
  recording.graph->replay();
}

GraphedCall::Outputs GraphedCall::operator()(const Inputs& inputs, const Work& work) {
  if (!refusal_.empty()) return work();
  Recording& recording = recordings_[kind_of(inputs)];
  if (recording.graph == nullptr) {
    if (recording.calls++ < kCallsBefore || graphs_ == kMostGraphs) return work();
    record(recording, inputs, work);
    if (!refusal_.empty()) return work();
  }
  replay(recording, inputs);
  return recording.outputs;
}

bool queues_graphs(const layers::Module& network, std::size_t steps) {
  return !network.is_offloaded_by_layers() &&
         (is_asked_for_graphs() ||
          (steps >= kFewestGraphedSteps && environment("VELATURA_CUDA_GRAPHS") != "off"));
}

}  // namespace velatura::families
