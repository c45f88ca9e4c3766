#include "pipelines/image_tensor.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace velatura::pipelines {

at::Tensor to_pixels(const Image& image) {
  const auto bytes = at::from_blob(const_cast<std::uint8_t*>(image.pixels.data()),
                                   {1, image.height, image.width, 3}, at::kByte);
  return bytes.permute({0, 3, 1, 2}).to(at::kFloat).div(255.0).mul(2.0).sub(1.0).contiguous();
}

Image to_image(const at::Tensor& pixels) {
  auto levels = pixels / 2;  // one copy, changed in place: large pictures take hundreds of MB
  levels.add_(0.5).clamp_(0, 1).mul_(255).round_();
  const auto bytes =
      levels.squeeze(0).permute({1, 2, 0}).to(at::kCPU, at::kByte).contiguous();  // [H, W, 3]
  Image image{static_cast<int>(bytes.size(1)), static_cast<int>(bytes.size(0)), {}};
  const auto* data = bytes.const_data_ptr<std::uint8_t>();
  image.pixels.assign(data, data + bytes.numel());
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
