#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <cuda_runtime_api.h>

#include <optional>

#include "ops/type_cuda.h"

namespace velatura::ops::cuda {

/// While it lives, a tensor's device is the current one, and its current stream is at hand. It asks
/// libtorch alone, so that libvelatura_cuda needs nothing of libtorch's CUDA half but its presence.
class OnDeviceOf {
 public:
  explicit OnDeviceOf(const at::Tensor& tensor)
      : guard_(tensor.device()),
        stream_(static_cast<cudaStream_t>(c10::impl::VirtualGuardImpl(tensor.device().type())
                                              .getStream(tensor.device())
                                              .native_handle())) {}
  cudaStream_t stream() const { return stream_; }

 private:
  c10::DeviceGuard guard_;
  cudaStream_t stream_;
};

/// What kernels call a dtype; nothing for one they do not know.
inline std::optional<Type> type_of(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat:
      return Type::float32;
    case at::kHalf:
      return Type::float16;
    case at::kBFloat16:
      return Type::bfloat16;
    default:
      return std::nullopt;
  }
}

/// @throws c10::Error in libtorch's words
inline void check(cudaError_t error) {
  TORCH_CHECK(error == cudaSuccess, "CUDA error: ", cudaGetErrorString(error));
}

}  // namespace velatura::ops::cuda
