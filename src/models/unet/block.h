#pragma once

#include <vector>

#include "layers/attention_context.h"
#include "layers/module.h"
#include "layers/time_condition.h"

namespace velatura::models {

/// The skip connections of one forward pass, finest first.
using Skips = std::vector<at::Tensor>;

/// What networks beside a UNet add to it; what is empty adds nothing.
struct UNetResiduals {
  Skips skips = {};     ///< to each skip connection
  at::Tensor mid = {};  ///< to what the middle gives
  /// To each level's output on the way down, before it is halved; a level without attention adds it
  /// behind the halving.
  std::vector<at::Tensor> levels = {};

  const at::Tensor& of_level(std::size_t level) const {
    static const at::Tensor none;
    return levels.empty() ? none : levels.at(level);
  }
};

/// What a UNet is told beside the time and the tokens it looks at, each in the model's dtype if not said
/// otherwise; what it has no layers for is undefined.
struct TimeConditions {
  at::Tensor class_labels = {};  ///< [B] int64, with num_class_embeds
  at::Tensor pooled = {};        ///< [B, P] the text in one vector, with text_time and text_image
  at::Tensor time_ids = {};      ///< [B, N] numbers beside it, with addition_time_embed_dim
  at::Tensor guidance = {};      ///< [B, time_cond_proj_dim] waves of the guidance scale
  at::Tensor image = {};         ///< [B, image_embed_dim()] the picture to be made, in one vector
  at::Tensor hint = {};          ///< [B, 3, 8h, 8w] in 0 … 1, with image_hint
};

/// One level on the way down.
class UNetDownBlock : public layers::Module {
 public:
  /// Appends every output to `skips`.
  /// @param x        [B, C, h, w]
  /// @param time     the embedding is [B, time_embedding_dim]
  /// @param residual  see UNetResiduals::levels; undefined: none
  virtual at::Tensor forward(at::Tensor x, const layers::TimeCondition& time,
                             const layers::AttentionContext& context, Skips& skips,
                             const at::Tensor& residual) const = 0;
};

/// What lies between the way down and the way up.
class UNetMidBlock : public layers::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& x, const layers::TimeCondition& time,
                             const layers::AttentionContext& context) const = 0;
};

/// One level on the way up.
class UNetUpBlock : public layers::Module {
 public:
  /// Takes its skips from the end of `skips`, and upsamples to the size of the next one.
  virtual at::Tensor forward(at::Tensor x, const layers::TimeCondition& time,
                             const layers::AttentionContext& context, Skips& skips) const = 0;
};

}  // namespace velatura::models
