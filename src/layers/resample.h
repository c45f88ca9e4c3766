#pragma once

#include <optional>

#include "layers/conv2d.h"
#include "ops/packed_upsample.h"

namespace velatura::layers {

/// Convolution of stride 2: [B, C, H, W] → [B, C, ⌈H/2⌉, ⌈W/2⌉].
class Downsample2D : public Module {
 public:
  /// @param padding  on all sides; 0 pads one row below and one column right instead (VAE)
  Downsample2D(std::int64_t channels, std::int64_t padding);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::int64_t padding_;
  std::shared_ptr<Conv2d> conv_;
};

/// Nearest-neighbour enlargement and a 3×3 convolution, as one operator (ops::PackedUpsample).
class Upsample2D : public Module {
 public:
  explicit Upsample2D(std::int64_t channels);
  /// @param size  height and width to reach; twice the input's if absent
  at::Tensor forward(const at::Tensor& x, std::optional<at::IntArrayRef> size = {}) const;

 private:
  class Conv;
  std::shared_ptr<Conv> conv_;
};

}  // namespace velatura::layers
