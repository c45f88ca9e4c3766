#pragma once

#include <utility>

#include "layers/attention.h"
#include "layers/conv2d.h"
#include "layers/feed_forward.h"
#include "layers/gated_self_attention.h"
#include "layers/map_attention.h"
#include "layers/norm.h"

namespace velatura::layers {

/// Tokens [B, N, dim] as two parts whose sum they are, so that they can be added where that costs
/// nothing.
struct TokenSum {
  at::Tensor tokens;
  at::Tensor more = {};  ///< undefined: nothing

  at::Tensor whole() { return more.defined() ? tokens.add_(more) : tokens; }
};

/// Self-attention, cross-attention over the text, feed-forward; each with a norm before it and a
/// residual around it (Rombach et al. 2022, appendix E). Grounded ones have a `fuser` behind the
/// self-attention.
class BasicTransformerBlock : public Module {
 public:
  struct Options {
    std::int64_t dim;
    std::int64_t heads;
    std::int64_t cross_attention_dim;
    bool only_cross_attention = false;  ///< the first attention, too, looks at the text
    bool gated = false;                 ///< there is a fuser
  };
  explicit BasicTransformerBlock(const Options& options);

  /// Which of the UNet's cross-attention layers is in it, see AttentionContext; 0 if nobody says it.
  void set_place(std::size_t place) { place_ = place; }

  /// @param x [B, N, dim]  @return [B, N, dim]
  TokenSum forward(TokenSum x, const AttentionContext& context) const;

  /// What the cross-attention's keys and values are of a text. @return [B, T, dim] each
  std::pair<at::Tensor, at::Tensor> project_text(const at::Tensor& text) const;
  bool comes_alone() const override { return true; }

 private:
  TokenSum forward_in_few(const TokenSum& x, const AttentionContext& context) const;
  at::Tensor look_at_text(const at::Tensor& x, const AttentionContext& context) const;

  bool only_cross_attention_;
  std::size_t place_ = 0;
  std::shared_ptr<LayerNorm> norm1_, norm2_, norm3_;
  std::shared_ptr<Attention> attn1_, attn2_;
  std::shared_ptr<FeedForward> ff_;
  std::shared_ptr<GatedSelfAttention> fuser_;  // may be null
};

/// A stack of transformer blocks over the pixels of a feature map, with a residual around it.
class Transformer2DModel : public MapAttention {
 public:
  struct Options {
    std::int64_t channels;
    std::int64_t heads;
    std::int64_t layers = 1;
    std::int64_t cross_attention_dim;
    std::int64_t groups = 32;
    bool use_linear_projection = false;  ///< proj_in and proj_out are linear, not 1×1 convolutions
    bool only_cross_attention = false;
    bool gated = false;
  };
  explicit Transformer2DModel(const Options& options);
  at::Tensor forward(const at::Tensor& x, const AttentionContext& context) const override;

 private:
  std::shared_ptr<GroupNorm> norm_;
  std::shared_ptr<Linear> linear_in_, linear_out_;  // one pair or the other, by the same names
  std::shared_ptr<Conv2d> conv_in_, conv_out_;
  std::shared_ptr<ModuleList<BasicTransformerBlock>> blocks_;
};

}  // namespace velatura::layers
