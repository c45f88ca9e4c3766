#include "support/stand_in_gpu/aliases.h"

#include <ATen/ATen.h>

#include "support/stand_in_gpu/stand_in.h"

namespace velatura::stand_in {
namespace {

// A view that keeps the storage.
c10::Storage with_device(const c10::Storage& storage, c10::Device device) {
  auto* const kept = new c10::Storage(storage);
  c10::DataPtr memory(
      storage.data_ptr().get(), kept, [](void* owner) { delete static_cast<c10::Storage*>(owner); },
      device);
  auto& allocator = device.is_cpu() ? host_allocator() : device_allocator();
  return {c10::Storage::use_byte_size_t(), storage.nbytes(), std::move(memory), &allocator,
          /*resizable=*/true};
}

at::Tensor alias(const at::Tensor& tensor, c10::Device device, c10::DispatchKey key) {
  auto result = at::detail::make_tensor<c10::TensorImpl>(with_device(tensor.storage(), device),
                                                         c10::DispatchKeySet(key), tensor.dtype());
  auto* const impl = result.unsafeGetTensorImpl();
  impl->set_storage_offset(tensor.storage_offset());
  impl->set_sizes_and_strides(tensor.sizes(), tensor.strides());
  if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) impl->set_wrapped_number(true);
  return result;
}

}  // namespace

at::Tensor on_host(const at::Tensor& tensor) {
  return alias(tensor, at::kCPU, c10::DispatchKey::CPU);
}

at::Tensor on_device(const at::Tensor& tensor, c10::DeviceIndex index) {
  return alias(tensor, {kType, index}, kKey);
}

void follow(const at::Tensor& original, const at::Tensor& alias) {
  if (alias.data_ptr() == original.data_ptr() && alias.sizes() == original.sizes()) return;
  auto* const impl = original.unsafeGetTensorImpl();
  impl->set_storage_keep_dtype(with_device(alias.storage(), original.device()));
  impl->set_storage_offset(alias.storage_offset());
  impl->set_sizes_and_strides(alias.sizes(), alias.strides());
}

}  // namespace velatura::stand_in
