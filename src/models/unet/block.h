#pragma once

#include <vector>

#include "layers/attention_context.h"
#include "layers/module.h"

namespace velatura::models {

/// The skip connections of one forward pass, finest first.
using Skips = std::vector<at::Tensor>;

/// One level on the way down.
class UNetDownBlock : public layers::Module {
 public:
  /// Appends every output to `skips`.
  /// @param x        [B, C, h, w]
  /// @param temb     [B, time_embedding_dim], SiLU applied
  virtual at::Tensor forward(at::Tensor x, const at::Tensor& temb,
                             const layers::AttentionContext& context, Skips& skips) const = 0;
};

/// What lies between the way down and the way up.
class UNetMidBlock : public layers::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& x, const at::Tensor& temb,
                             const layers::AttentionContext& context) const = 0;
};

/// One level on the way up.
class UNetUpBlock : public layers::Module {
 public:
  /// Takes its skips from the end of `skips`, and upsamples to the size of the next one.
  virtual at::Tensor forward(at::Tensor x, const at::Tensor& temb,
                             const layers::AttentionContext& context, Skips& skips) const = 0;
};

}  // namespace velatura::models
