#include "weights/patchable_weights.h"

#include <ATen/core/Tensor.h>

#include <utility>

#include "weights/formats/mapped_file.h"

namespace velatura::weights {

PatchableWeights::PatchableWeights(Parameters parameters,
                                   std::shared_ptr<const WeightSource> source, at::Device device,
                                   at::ScalarType dtype, OnGiven on_given)
    : parameters_(std::move(parameters)),
      source_(std::move(source)),
      device_(device),
      dtype_(dtype),
      on_given_(std::move(on_given)) {
  load_strict(parameters_, *source_, device_, dtype_, {}, on_given_);
}

void PatchableWeights::patch(const std::vector<Patch>& patches) {
  const PatchedSource patched(source_, patches);
  std::set<std::string> changed = patched_, now;
  for (const Patch& patch : patches) now.insert(patch.name);
  changed.insert(now.begin(), now.end());
  patched_ = changed;  // should it fail half-way, the next call mends them all
  const auto given = [this](const std::string& name) {
    // Its pages are not needed until the next time.
    const at::Tensor stored = source_->load(name);
    done_reading({static_cast<const std::byte*>(stored.const_data_ptr()), stored.nbytes()});
    if (on_given_) on_given_(name);
  };
  load_some(parameters_, changed, patched, device_, dtype_, given);
  patched_ = std::move(now);
}

}  // namespace velatura::weights
