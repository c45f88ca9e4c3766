#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/gpu_graph.h"
#include "layers/module.h"

namespace velatura::families {

/// The calls of a network on a GPU in a run, as one graph for each of the first kinds of call that come three
/// times: the first calls of a kind are carried out as they are, by which weights are packed, plans and
/// workspaces made; the next is recorded, and from there on the graph is replayed. Kinds beyond a few, each of
/// whose graphs would keep inputs of its own, and what cannot be recorded are carried out as they are.
class GraphedCall {
 public:
  /// All that may be another from call to call: tensors, where they stand, and numbers. Calls are of one kind
  /// whose numbers are the same and whose tensors are alike: defined or not, their shapes and types.
  struct Inputs {
    std::vector<at::Tensor*> changing;  ///< the first is defined
    std::vector<at::Tensor*> lasting;   ///< nobody writes into them
    std::vector<double> numbers = {};
  };
  using Outputs = std::vector<at::Tensor>;
  using Work = std::function<Outputs()>;

  /// @param inputs  of the GPU
  /// @param work    does the same for calls of one kind, to the tensors that stand where the inputs say: when
  ///                it is recorded these are others
  /// @return        may be overwritten by the next call
  Outputs operator()(const Inputs& inputs, const Work& work);

  /// Why nothing is recorded any more; empty: it is.
  const std::string& refusal() const { return refusal_; }

 private:
  /// What tensors are alike in, and the numbers.
  using Kind = std::pair<std::vector<std::vector<std::int64_t>>, std::vector<double>>;
  struct Recording {
    int calls = 0;                              // before there is a graph
    std::vector<at::Tensor> changing, lasting;  // the graph's own
    std::vector<at::Tensor> copied;             // to the lasting ones
    Outputs outputs;
    std::unique_ptr<GpuGraph> graph;
  };
  static Kind kind_of(const Inputs& inputs);
  void record(Recording& recording, const Inputs& inputs, const Work& work);
  static void replay(Recording& recording, const Inputs& inputs);

  std::map<Kind, Recording> recordings_;
  int graphs_ = 0;
  // All share its memory: what one gives is used before the next call.
  const GpuGraph* latest_ = nullptr;
  std::string refusal_;
};

/// Whether the calls of a network in a run of so many steps are to be graphs.
bool queues_graphs(const layers::Module& network, std::size_t steps);

}  // namespace velatura::families
