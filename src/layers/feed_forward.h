#pragma once

#include "layers/linear.h"
#include "layers/module.h"

namespace velatura::layers {

/// GEGLU feed-forward (Shazeer 2020): net.0.proj widens to 2·4·dim, one half gates the other
/// through GELU, net.2 comes back to dim. x [B, N, dim] → [B, N, dim].
class FeedForward : public Module {
 public:
  explicit FeedForward(std::int64_t dim);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::shared_ptr<Linear> proj_in_, proj_out_;
};

}  // namespace velatura::layers
