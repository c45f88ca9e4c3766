#include "pipelines/conditioning.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

namespace velatura::pipelines {

Conditioning join(const std::vector<Conditioning>& parts) {
  Conditioning joined;
  for (const auto member :
       {&Conditioning::context, &Conditioning::pooled, &Conditioning::time_ids}) {
    if (!(parts.front().*member).defined()) continue;
    std::vector<at::Tensor> tensors;
    for (const Conditioning& part : parts) tensors.push_back(part.*member);
    joined.*member = at::cat(tensors);
  }
  return joined;
}

}  // namespace velatura::pipelines
