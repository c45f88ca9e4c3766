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
  /// Loads the network (see load_strict).
  /// @param on_given  called for each tensor, now and by patch()
  /// @throws InputError
  PatchableWeights(Parameters parameters, std::shared_ptr<const WeightSource> source,
                   at::Device device, at::ScalarType dtype, OnGiven on_given = {});

  /// From now on exactly these patches are in the weights; none: the network as it was loaded. Only
  /// tensors that are or were patched are read. @throws InputError as PatchedSource, when nothing has
  /// changed, and if a file fails meanwhile, when the next call is needed to make the weights whole
  void patch(const std::vector<Patch>& patches);

 private:
  Parameters parameters_;
  std::shared_ptr<const WeightSource> source_;
  at::Device device_;
  at::ScalarType dtype_;
  OnGiven on_given_;
  std::set<std::string> patched_;
};

}  // namespace velatura::weights
