#include "weights/sources/patched_source.h"

#include <utility>

#include "velatura/error.h"
#include "weights/sources/names.h"

namespace velatura::weights {

PatchedSource::PatchedSource(std::shared_ptr<const WeightSource> base,
                             const std::vector<Patch>& patches)
    : base_(std::move(base)) {
  std::vector<std::string> unknown;
  for (const Patch& patch : patches) {
    const auto info = base_->find(patch.name);
    if (!info || !at::isFloatingType(info->dtype)) unknown.push_back(shown(patch.name));
    patches_[patch.name].push_back(patch);
  }
  if (!unknown.empty()) {
    throw InputError(base_->where() + ": there is no weight to patch (" +
                     std::to_string(unknown.size()) + "): " + some_of(unknown));
  }
}

std::optional<TensorInfo> PatchedSource::find(const std::string& name) const {
  auto info = base_->find(name);
  if (info && patches_.contains(name)) info->dtype = at::kFloat;
  return info;
}

at::Tensor PatchedSource::load(const std::string& name) const {
  at::Tensor stored = base_->load(name);
  const auto patches = patches_.find(name);
  if (patches == patches_.end()) return stored;
  at::Tensor sum = stored.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
  for (const Patch& patch : patches->second) patch.add(sum, stored);
  return sum;
}

}  // namespace velatura::weights
