#pragma once

#include "layers/attention_context.h"
#include "layers/module.h"

namespace velatura::layers {

/// What lets the pixels of a feature map look at each other and at what stands beside them.
class MapAttention : public Module {
 public:
  /// @param x [B, C, H, W]  @return [B, C, H, W]
  virtual at::Tensor forward(const at::Tensor& x, const AttentionContext& context) const = 0;
};

/// The pixels of a map as a sequence: [B, C, H, W] → [B, H * W, C]; a view where x is channels-last.
inline at::Tensor to_tokens(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).flatten(1, 2);
}

/// Back again: [B, H * W, C] → [B, C, H, W], channels-last.
inline at::Tensor to_map(const at::Tensor& tokens, std::int64_t height, std::int64_t width) {
  return tokens.unflatten(1, {height, width}).permute({0, 3, 1, 2});
}

}  // namespace velatura::layers
