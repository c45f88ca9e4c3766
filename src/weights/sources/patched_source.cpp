#include "weights/sources/patched_source.h"

#include <c10/util/Exception.h>

#include <utility>

#include "velatura/error.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

at::ScalarType type_of_sum(at::ScalarType stored) {
  return stored == at::kDouble ? at::kDouble : at::kFloat;
}

}  // namespace

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
  if (info && patches_.contains(name)) info->dtype = type_of_sum(info->dtype);
  return info;
}

at::Tensor PatchedSource::load(const std::string& name) const {
  at::Tensor stored = base_->load(name);
  const auto patches = patches_.find(name);
  if (patches == patches_.end()) return stored;
  const auto type = type_of_sum(stored.scalar_type());
  at::Tensor sum = stored.to(type, /*non_blocking=*/false, /*copy=*/true);
  for (const Patch& patch : patches->second) {
    const at::Tensor delta = patch.delta();
    TORCH_CHECK(delta.sizes() == sum.sizes(), "the patch of ", name, " is ", delta.sizes(),
                ", expected ", sum.sizes());
    sum.add_(delta.to(type), patch.scale);
  }
  return sum;
}

}  // namespace velatura::weights
