#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace velatura::pipelines {

/// What the pictures of one adapter are to a backbone's cross-attentions.
struct PictureConditioning {
  std::vector<at::Tensor> keys, values;  ///< for each of them in turn [B, T, its width]
  double scale;                          ///< how much of it counts
};

/// What a backbone is told of one picture or of several, beside their latents, in its own dtype.
/// What a family does not have is undefined.
struct Conditioning {
  at::Tensor context;            ///< [B, T, D] encoder_hidden_states: what cross-attention looks at
  at::Tensor pooled = {};        ///< [B, P] the whole prompt in one vector
  at::Tensor time_ids = {};      ///< [B, N] sizes and crop that go into the time embedding
  at::Tensor guidance = {};      ///< [B, G] the guidance scale, for backbones that are guided by it
  at::Tensor objects = {};       ///< [B, O, D] what stands where
  at::Tensor image_embeds = {};  ///< [B, D] what CLIP is to see in the picture
  at::Tensor hint = {};          ///< [B, 3, H, W] 0 … 1, what is to be followed
  std::vector<PictureConditioning> pictures = {};  ///< one an adapter
};

/// One for the pictures of all of them, in their order.
/// @param parts  not empty; alike in what they have and, but for B, in their shapes
Conditioning join(const std::vector<Conditioning>& parts);

/// Whether they are so alike.
bool can_join(const Conditioning& a, const Conditioning& b);

/// What is told of a request's pictures, B = 1.
struct PromptConditioning {
  Conditioning prompt;
  Conditioning negative_prompt = {};  ///< of the same shapes; undefined without guidance

  bool guided() const {
    return negative_prompt.context.defined() || negative_prompt.image_embeds.defined();
  }
};

}  // namespace velatura::pipelines
