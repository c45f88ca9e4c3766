#include "models/clip_vision/image_processor.h"

#include <ATen/ATen.h>

#include <array>

namespace velatura::models {
namespace {

// Of CLIP's training pictures, on 0 … 1.
constexpr std::array<double, 3> kMean{0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> kStd{0.26862954, 0.26130258, 0.27577711};

at::Tensor of_bytes(const std::array<double, 3>& values) {
  return at::tensor({values[0], values[1], values[2]}, at::kFloat).mul_(255.0).view({3, 1, 1});
}

}  // namespace

at::Tensor clip_pixels(const at::Tensor& bytes, std::int64_t size) {
  const std::int64_t height = bytes.size(2), width = bytes.size(3);
  const auto scaled = [&](std::int64_t side, std::int64_t shorter) {
    return static_cast<std::int64_t>(static_cast<double>(size * side) /
                                     static_cast<double>(shorter));
  };
  const std::int64_t new_height = width <= height ? scaled(height, width) : size;
  const std::int64_t new_width = width <= height ? size : scaled(width, height);
  at::Tensor resized = bytes.contiguous();
  if (new_height != height || new_width != width) {
    resized = at::_upsample_bicubic2d_aa(resized, {new_height, new_width}, /*align_corners=*/false);
  }
  const auto cut =
      resized.narrow(2, (new_height - size) / 2, size).narrow(3, (new_width - size) / 2, size);
  return cut.to(at::kFloat).sub_(of_bytes(kMean)).div_(of_bytes(kStd)).contiguous();
}

}  // namespace velatura::models
