#include "ops/onednn.h"

#include <ATen/Context.h>

#include "ops/element_of.h"

namespace velatura::ops {

bool onednn_computes(at::ScalarType dtype) {
  if (!at::globalContext().userEnabledMkldnn() || !at::hasMKLDNN()) return false;
  switch (dtype) {
    case at::kFloat:
      return true;
    case at::kBFloat16:
      return onednn_operator<bool()>("mkldnn::_is_mkldnn_bf16_supported").call();
    case at::kHalf:
      return onednn_operator<bool()>("mkldnn::_is_mkldnn_fp16_supported").call();
    default:
      return false;
  }
}

bool is_for_float32_kernels(at::ScalarType dtype) {
  return dtype == at::kFloat || (has_element(dtype) && !onednn_computes(dtype));
}

}  // namespace velatura::ops
