#include "weights/staging.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>

#include "weights/formats/mapped_file.h"

namespace velatura::weights {
namespace {

constexpr std::int64_t kBufferBytes = std::int64_t{16} << 20;

// The first elements of a buffer as a tensor like another.
at::Tensor as_like(const at::Tensor& bytes, const at::Tensor& piece) {
  return bytes.narrow(0, 0, static_cast<std::int64_t>(piece.nbytes())).view(piece.scalar_type());
}

}  // namespace

void Staging::copy(const at::Tensor& piece, const at::Tensor& target) {
  Buffer& buffer = buffers_[next_];
  next_ = (next_ + 1) % buffers_.size();
  const auto bytes = at::TensorOptions(at::kByte);
  if (!buffer.host.defined()) buffer.host = at::empty({kBufferBytes}, bytes.pinned_memory(true));
  if (buffer.free) buffer.free->synchronize();
  const at::Tensor host = as_like(buffer.host, piece);
  const std::span memory(static_cast<const std::byte*>(piece.const_data_ptr()), piece.nbytes());
  about_to_read(memory);
  host.copy_(piece);
  done_reading(memory);
  if (piece.scalar_type() == target.scalar_type()) {
    target.copy_(host, /*non_blocking=*/true);
  } else {
    if (!buffer.device.defined()) buffer.device = at::empty({kBufferBytes}, bytes.device(device_));
    const at::Tensor there = as_like(buffer.device, piece);
    there.copy_(host, /*non_blocking=*/true);
    target.copy_(there);
  }
  buffer.free.emplace(device_.type());
  buffer.free->record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
}

at::Tensor Staging::placed(const at::Tensor& stored, at::ScalarType dtype) {
  at::Tensor target = at::empty(stored.sizes(), at::TensorOptions(dtype).device(device_));
  const at::Tensor from = stored.view({-1}), to = target.view({-1});
  const auto most = kBufferBytes / static_cast<std::int64_t>(stored.element_size());
  for (std::int64_t begin = 0; begin < from.numel(); begin += most) {
    const std::int64_t count = std::min(most, from.numel() - begin);
    copy(from.narrow(0, begin, count), to.narrow(0, begin, count));
  }
  return target;
}

}  // namespace velatura::weights
