#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "weights/formats/mapped_file.h"

namespace velatura::weights {

/// Where a tensor lies in a mapped file.
struct TensorPlace {
  at::ScalarType dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< in elements, none negative; empty: as rows follow
  std::span<const std::byte> bytes;   ///< from its first element to its last, in memory order
};

/// A contiguous tensor that aliases the mapping, which lives as long as it; a copy where the
/// elements are not aligned to their size or do not lie in order. See MappedFile for what happens
/// when the file changes meanwhile. @throws InputError
at::Tensor mapped_tensor(const std::shared_ptr<const MappedFile>& file, const TensorPlace& place);

}  // namespace velatura::weights
