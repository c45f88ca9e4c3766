#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/gpu_graph.h"

namespace velatura::families {

/// A call of a network on a GPU, as one graph for the first shape of its inputs that comes three times: the
/// first calls are carried out as they are, by which weights are packed, plans and workspaces made; the next
/// is recorded, and from there on the graph is replayed. Other shapes, each of whose graphs would keep memory
/// of its own, and what cannot be recorded are carried out as they are.
class GraphedCall {
 public:
  using Inputs = std::vector<at::Tensor>;
  using Work = std::function<at::Tensor(const Inputs&)>;

  /// @param work  the same for all calls, but for its inputs
  explicit GraphedCall(Work work) : work_(std::move(work)) {}

  /// @param inputs  defined, of the GPU
  /// @return        may be overwritten by the next call
  at::Tensor operator()(const Inputs& inputs);

  /// Why nothing is recorded any more; empty: it is.
  const std::string& refusal() const { return refusal_; }

 private:
  using Shapes = std::vector<std::vector<std::int64_t>>;
  void record(const Inputs& inputs);

  Work work_;
  std::map<Shapes, int> calls_;  // until there is a graph
  Shapes shapes_;                // of the graph's inputs
  Inputs inputs_;                // what it reads
  at::Tensor output_;
  std::unique_ptr<GpuGraph> graph_;
  std::string refusal_;
};

}  // namespace velatura::families
