#pragma once

#include <ATen/core/Tensor.h>

#include <utility>

namespace velatura::layers {

/// What ResNet blocks are told of the time.
struct TimeCondition {
  TimeCondition() = default;
  TimeCondition(at::Tensor embedding) : embedding(std::move(embedding)) {}

  at::Tensor embedding;  ///< [B, temb_channels], SiLU already applied; undefined without
  /// What all blocks make of it, each from its place on (ResnetBlock2D::time_addend()): [B or 1, sum
  /// of their widths]; undefined: each works it out.
  at::Tensor addends;
};

}  // namespace velatura::layers
