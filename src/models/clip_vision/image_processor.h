#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace velatura::models {

/// A picture as CLIP's picture tower takes it, to the bit as transformers' CLIPImageProcessor does it
/// with torchvision: the shorter side becomes `size`, the middle is cut out, CLIP's mean and
/// deviation are taken away.
/// @param bytes  [1, 3, H, W] uint8 on the CPU @return [1, 3, size, size] float32
at::Tensor clip_pixels(const at::Tensor& bytes, std::int64_t size);

}  // namespace velatura::models
