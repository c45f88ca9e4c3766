#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

namespace velatura::layers {

/// Keys and values that one attention layer looks at by themselves, beside its own.
struct SideAttention {
  at::Tensor key, value;  ///< [B, T, heads * d]
  double scale;           ///< what they give is added this strongly
};

/// What the pictures of one IP-Adapter are to a UNet's cross-attentions (Ye et al. 2023, §3.2).
struct PictureAttention {
  /// For each cross-attention layer of the UNet, see UNet2DConditionModel: [B, T, the layer's width].
  std::vector<at::Tensor> keys, values;
  double scale;
};

/// The text's keys and values, which stay the same from step to step: for each cross-attention layer
/// of the UNet [B, T, the layer's width].
struct TextProjections {
  std::vector<at::Tensor> keys, values;
};

/// All that transformer blocks look at beside the pixels.
struct AttentionContext {
  at::Tensor text;                              ///< [B, T, D] encoder_hidden_states
  const TextProjections* projected = nullptr;   ///< of the text; null: each layer projects it
  at::Tensor objects = {};                      ///< [B, O, D] what stands where, for blocks with a
                                                ///< fuser; undefined: the fusers rest
  std::vector<PictureAttention> pictures = {};  ///< one an IP-Adapter

  /// What cross-attention layer `place` of the UNet sees of the pictures.
  std::vector<SideAttention> pictures_at(std::size_t place) const;
};

}  // namespace velatura::layers
