#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

#include <array>
#include <optional>

namespace velatura::weights {

/// The way of stored tensors onto a GPU: two page-locked buffers in turn, of which one is filled while
/// the other is copied. What is stored in another type is converted there.
class Staging {
 public:
  explicit Staging(at::Device device) : device_(device) {}

  /// Queues the copy; the host does not wait for it. @return a tensor of the device
  at::Tensor placed(const at::Tensor& stored, at::ScalarType dtype);

 private:
  struct Buffer {
    at::Tensor host, device;         ///< bytes
    std::optional<c10::Event> free;  ///< its last copy
  };
  void copy(const at::Tensor& piece, const at::Tensor& target);

  at::Device device_;
  std::array<Buffer, 2> buffers_;
  std::size_t next_ = 0;
};

}  // namespace velatura::weights
