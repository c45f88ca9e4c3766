#pragma once

#include <ATen/core/Tensor.h>

#include "image/raster.h"
#include "velatura/image.h"

namespace velatura::pipelines {

/// [1, C, H, W] uint8 on the CPU. A view: the raster must outlive it.
at::Tensor to_bytes(const Raster& raster);

/// [1, 3, H, W] float32 on the CPU, in [-1, 1].
at::Tensor to_pixels(const Raster& raster);

/// @param pixels [1, 3, H, W] in about [-1, 1], rounded to nearest as diffusers does
Image to_image(const at::Tensor& pixels);

/// [1, 1, H, W] float32 on the CPU, 0 … 1.
at::Tensor to_plane(const GrayImage& image);

/// @param plane [1, 1, H, W] or [1, H, W]; the least value becomes 0, the largest 65535
GrayImage to_gray_image(const at::Tensor& plane);

}  // namespace velatura::pipelines
