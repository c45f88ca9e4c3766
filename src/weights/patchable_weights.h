#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weights/load_strict.h"
#include "weights/sources/patched_source.h"

namespace velatura::weights {

/// The weights of a network that can be patched while it lives. It knows where they came from, so that
/// a patch taken off leaves the very bits that were there before, however often that is done.
class PatchableWeights {
 public:
  /// Loads the network (see load_strict). @throws InputError
  PatchableWeights(Parameters parameters, std::shared_ptr<const WeightSource> source,
                   at::Device device, at::ScalarType dtype);

  /// From now on exactly these patches are in the weights; none: the network as it was loaded. Only
  /// tensors that are or were patched are read. @throws InputError as PatchedSource; nothing has
  /// changed then
  void patch(const std::vector<Patch>& patches);

 private:
  Parameters parameters_;
  std::shared_ptr<const WeightSource> source_;
  at::Device device_;
  at::ScalarType dtype_;
  std::set<std::string> patched_;
};

}  // namespace velatura::weights
