#include "weights/patchable_weights.h"

#include <utility>

namespace velatura::weights {

PatchableWeights::PatchableWeights(Parameters parameters,
                                   std::shared_ptr<const WeightSource> source, at::Device device,
                                   at::ScalarType dtype, std::function<void()> on_given)
    : parameters_(std::move(parameters)),
      source_(std::move(source)),
      device_(device),
      dtype_(dtype),
      on_given_(std::move(on_given)) {
  load_strict(parameters_, *source_, device_, dtype_);
}

void PatchableWeights::patch(const std::vector<Patch>& patches) {
  const PatchedSource patched(source_, patches);
  std::set<std::string> changed = patched_, now;
  for (const Patch& patch : patches) now.insert(patch.name);
  changed.insert(now.begin(), now.end());
  patched_ = changed;  // should it fail half-way, the next call mends them all
  load_some(parameters_, changed, patched, device_, dtype_, on_given_);
  patched_ = std::move(now);
}

}  // namespace velatura::weights
