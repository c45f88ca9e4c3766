#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace velatura::testing {

/// Which of `length` tokens are none of the padding, in texts of so many. @return [B, length] bool
inline at::Tensor present(const std::vector<std::int64_t>& counts, std::int64_t length) {
  return at::arange(length).unsqueeze(0) < at::tensor(counts).unsqueeze(1);
}

}  // namespace velatura::testing
