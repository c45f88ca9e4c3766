#pragma once

#include <ATen/core/Tensor.h>

#include <utility>

namespace velatura::layers {

/// What ResNet blocks are told beside the pixels: of the time or, in some decoders, the latents.
struct TimeCondition {
  TimeCondition() = default;
  TimeCondition(at::Tensor embedding) : embedding(std::move(embedding)) {}

  at::Tensor embedding;  ///< [B, temb_channels], SiLU already applied; undefined without
  /// What all blocks make of it, each from its place on (ResnetBlock2D::time_addend()): [B or 1, sum
  /// of their widths]; undefined: each works it out.
  at::Tensor addends;
  at::Tensor latents;  ///< [B, Z, h, w] for blocks with spatial norms (layers/spatial_norm.h)
};

}  // namespace velatura::layers
