#include "weights/patchable_weights.h"

#include <torch/nn/module.h>

#include <utility>

namespace velatura::weights {

PatchableWeights::PatchableWeights(std::shared_ptr<torch::nn::Module> module,
                                   std::shared_ptr<const WeightSource> source, at::Device device,
                                   at::ScalarType dtype)
    : module_(std::move(module)), source_(std::move(source)), device_(device), dtype_(dtype) {
  load_strict(*module_, *source_, device_, dtype_);
}

void PatchableWeights::patch(const std::vector<Patch>& patches) {
  const PatchedSource patched(source_, patches);
  std::set<std::string> changed = patched_, now;
  for (const Patch& patch : patches) now.insert(patch.name);
  changed.insert(now.begin(), now.end());
  load_some(*module_, {changed.begin(), changed.end()}, patched, device_, dtype_);
  patched_ = std::move(now);
}

}  // namespace velatura::weights
