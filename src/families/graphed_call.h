#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/gpu_graph.h"

namespace velatura::families {

/// A call of a network on a GPU, as one graph for each shape of its inputs. The first calls of a shape
/// are carried out as they are: weights are packed, plans and workspaces made. The next is recorded, and
/// from there on the graph is replayed. Where it cannot be recorded, calls are carried out as they are.
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
  struct Recorded {
    int calls = 0;
    Inputs inputs;  // what the graph reads
    at::Tensor output;
    std::unique_ptr<GpuGraph> graph;
  };
  void record(Recorded& recorded, const Inputs& inputs);

  Work work_;
  std::map<std::vector<std::vector<std::int64_t>>, Recorded> by_shapes_;
  std::string refusal_;
};

}  // namespace velatura::families
