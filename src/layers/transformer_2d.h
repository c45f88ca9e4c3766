#pragma once

#include "layers/attention.h"
#include "layers/conv2d.h"
#include "layers/feed_forward.h"
#include "layers/norm.h"

namespace velatura::layers {

/// Self-attention, cross-attention over the text, feed-forward; each with a norm before it and a
/// residual around it (Rombach et al. 2022, appendix E).
class BasicTransformerBlock : public Module {
 public:
  struct Options {
    std::int64_t dim;
    std::int64_t heads;
    std::int64_t cross_attention_dim;
    bool only_cross_attention = false;  ///< the first attention, too, looks at the text
  };
  explicit BasicTransformerBlock(const Options& options);
  /// @param x [B, N, dim]  @param context [B, T, cross_attention_dim]  @return [B, N, dim]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& context) const;

 private:
  bool only_cross_attention_;
  std::shared_ptr<LayerNorm> norm1_, norm2_, norm3_;
  std::shared_ptr<Attention> attn1_, attn2_;
  std::shared_ptr<FeedForward> ff_;
};

/// A stack of transformer blocks over the pixels of a feature map, with a residual around it.
class Transformer2DModel : public Module {
 public:
  struct Options {
    std::int64_t channels;
    std::int64_t heads;
    std::int64_t layers = 1;
    std::int64_t cross_attention_dim;
    std::int64_t groups = 32;
    bool use_linear_projection = false;  ///< proj_in and proj_out are linear, not 1×1 convolutions
    bool only_cross_attention = false;
  };
  explicit Transformer2DModel(const Options& options);
  /// @param x [B, C, H, W]  @param context [B, T, cross_attention_dim]  @return [B, C, H, W]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& context) const;

 private:
  std::shared_ptr<GroupNorm> norm_;
  std::shared_ptr<Linear> linear_in_, linear_out_;  // one pair or the other, by the same names
  std::shared_ptr<Conv2d> conv_in_, conv_out_;
  std::shared_ptr<ModuleList<BasicTransformerBlock>> blocks_;
};

}  // namespace velatura::layers
