#include "pipelines/depth_picture.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/upsample_bicubic2d.h>

#include <algorithm>

namespace velatura::pipelines {

Raster depth_picture(const DepthEstimator& estimator, const Raster& picture) {
  const std::int64_t size[] = {picture.height, picture.width};
  const auto depth = at::upsample_bicubic2d(estimator.estimate(picture), size,
                                            /*align_corners=*/false);
  const auto low = depth.min(), range = (depth.max() - low).clamp_min(1e-12);
  const auto bytes = ((depth - low) / range * 255).to(at::kByte).to(at::kCPU).contiguous();
  const auto* const values = bytes.const_data_ptr<std::uint8_t>();
  Raster result = make_raster(picture.width, picture.height, 3);
  for (std::int64_t i = 0; i < bytes.numel(); ++i) {
    std::fill_n(result.pixels.begin() + 3 * i, 3, values[i]);
  }
  return result;
}

}  // namespace velatura::pipelines
