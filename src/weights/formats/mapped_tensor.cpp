#include "weights/formats/mapped_tensor.h"

#include <ATen/ops/as_strided.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/ScalarType.h>

#include <cstring>

namespace velatura::weights {
namespace {

bool lie_in_order(const TensorPlace& place) {
  if (place.strides.empty()) return true;
  std::int64_t expected = 1;
  for (std::size_t i = place.shape.size(); i-- > 0;) {
    if (place.shape[i] != 1 && place.strides[i] != expected) return false;
    expected *= place.shape[i];
  }
  return true;
}

}  // namespace

at::Tensor mapped_tensor(const std::shared_ptr<const MappedFile>& file, const TensorPlace& place) {
  file->verify();
  const auto options = at::TensorOptions().dtype(place.dtype);
  if (place.bytes.empty()) return at::empty(place.shape, options);
  const std::size_t item_size = c10::elementSize(place.dtype);
  const bool aligned = reinterpret_cast<std::uintptr_t>(place.bytes.data()) % item_size == 0;
  const bool in_order = lie_in_order(place);
  if (aligned && in_order) {
    return at::from_blob(
        const_cast<std::byte*>(place.bytes.data()), place.shape,
        [file = file, bytes = place.bytes](void*) mutable {
          done_reading(bytes);
          file.reset();
        },
        options);
  }
  at::Tensor copy = at::empty({static_cast<std::int64_t>(place.bytes.size() / item_size)}, options);
  std::memcpy(copy.data_ptr(), place.bytes.data(), place.bytes.size());
  file->verify();
  return in_order ? copy.view(place.shape)
                  : at::as_strided(copy, place.shape, place.strides).contiguous();
}

}  // namespace velatura::weights
