#include "pipelines/residuals.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace velatura::pipelines {
namespace {

void add(std::vector<at::Tensor>& sum, const std::vector<at::Tensor>& more) {
  if (sum.empty()) {
    sum = more;
    return;
  }
  for (std::size_t i = 0; i < more.size(); ++i) sum.at(i) = sum[i] + more[i];
}

}  // namespace

void add(Residuals& sum, const Residuals& more) {
  add(sum.skips, more.skips);
  add(sum.levels, more.levels);
  if (more.mid.defined()) sum.mid = sum.mid.defined() ? sum.mid + more.mid : more.mid;
}

}  // namespace velatura::pipelines
