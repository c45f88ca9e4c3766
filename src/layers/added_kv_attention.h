#pragma once

#include "layers/linear.h"
#include "layers/map_attention.h"
#include "layers/norm.h"

namespace velatura::layers {

/// Attention of a feature map's pixels over a context and themselves at once: the context's keys and
/// values come first, then their own (Ramesh et al. 2022; diffusers' AttnAddedKVProcessor). A norm
/// before it, a residual around it.
class AddedKvAttention : public MapAttention {
 public:
  struct Options {
    std::int64_t channels;
    std::int64_t heads;
    std::int64_t context_dim;
    std::int64_t groups = 32;
  };
  explicit AddedKvAttention(const Options& options);

  /// @param context  of which the text is looked at
  at::Tensor forward(const at::Tensor& x, const AttentionContext& context) const override;

 private:
  std::int64_t heads_;
  std::shared_ptr<GroupNorm> group_norm_;
  std::shared_ptr<Linear> to_q_, to_k_, to_v_, add_k_proj_, add_v_proj_;
  std::shared_ptr<ModuleList<Linear>> to_out_;
};

}  // namespace velatura::layers
