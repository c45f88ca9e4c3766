#include "pipelines/image_tensor.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

namespace velatura::pipelines {
namespace {

constexpr std::int64_t kRowsAtOnce = 256;

}  // namespace

at::Tensor to_bytes(const Raster& raster) {
  return at::from_blob(const_cast<std::uint8_t*>(raster.pixels.data()),
                       {1, raster.height, raster.width, raster.channels}, at::kByte)
      .permute({0, 3, 1, 2});
}

at::Tensor to_pixels(const Raster& raster) {
  return to_bytes(raster).to(at::kFloat).div(255.0).mul(2.0).sub(1.0).contiguous();
}

Image to_image(const at::Tensor& pixels) {
  const auto planes = pixels.squeeze(0);  // [3, H, W]
  const auto height = planes.size(1), width = planes.size(2);
  Image image{static_cast<int>(width), static_cast<int>(height), {}};
  image.pixels.resize(static_cast<std::size_t>(planes.numel()));
  const auto bytes = at::from_blob(image.pixels.data(), {height, width, 3}, at::kByte);
  // Some rows at a time: float32 copies of a large picture take hundreds of MB.
  for (std::int64_t y = 0; y < height; y += kRowsAtOnce) {
    const auto count = std::min(kRowsAtOnce, height - y);
    const auto levels = (planes.narrow(1, y, count) / 2).add_(0.5).clamp_(0, 1).mul_(255).round_();
    bytes.narrow(0, y, count).copy_(levels.permute({1, 2, 0}));
  }
  return image;
}

at::Tensor to_plane(const GrayImage& image) {
  std::vector<float> values(image.values.begin(), image.values.end());
  return at::tensor(values).view({1, 1, image.height, image.width}).div(65535.0);
}

GrayImage to_gray_image(const at::Tensor& plane) {
  const auto low = plane.min(), range = (plane.max() - low).clamp_min(1e-12);
  const auto scaled = ((plane - low) / range * 65535).round().to(at::kCPU, at::kInt).contiguous();
  GrayImage image{static_cast<int>(plane.size(-1)), static_cast<int>(plane.size(-2)), {}};
  const auto* data = scaled.const_data_ptr<int>();
  image.values.assign(data, data + scaled.numel());
  return image;
}

}  // namespace velatura::pipelines
