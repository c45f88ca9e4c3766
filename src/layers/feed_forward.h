#pragma once

#include "layers/linear.h"
#include "layers/module.h"

namespace velatura::layers {

/// What stands between a feed-forward's two layers: GELU, or GEGLU, where one half of a layer twice as
/// wide gates the other through it (Shazeer 2020).
enum class FeedForwardKind { geglu, gelu };

/// Feed-forward: net.0.proj widens to 4·dim (2·4·dim for GEGLU), net.2 comes back to dim.
/// x [B, N, dim] → [B, N, dim].
class FeedForward : public Module {
 public:
  explicit FeedForward(std::int64_t dim, FeedForwardKind kind = FeedForwardKind::geglu);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  FeedForwardKind kind_;
  std::shared_ptr<Linear> proj_in_, proj_out_;
};

}  // namespace velatura::layers
