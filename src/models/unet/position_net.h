#pragma once

#include "layers/linear.h"
#include "layers/module.h"

namespace velatura::models {

/// Objects and where they are to stand, in the words of a grounded UNet (Li et al. 2023, eq. 5),
/// diffusers' GLIGENTextBoundingboxProjection of texts.
class PositionNet : public layers::Module {
 public:
  /// @param width  of the features, and of what cross-attention looks at
  explicit PositionNet(std::int64_t width);

  /// @param boxes     [B, N, 4] x0, y0, x1, y1, each 0 … 1
  /// @param features  [B, N, width] what each object is
  /// @param present   [B, N] 1, or 0 for places without an object
  /// @return          [B, N, width]; all in the dtype of the features
  at::Tensor forward(const at::Tensor& boxes, const at::Tensor& features,
                     const at::Tensor& present) const;

 private:
  at::Tensor null_positive_feature_, null_position_feature_;
  std::shared_ptr<layers::Linear> linear_in_, linear_mid_, linear_out_;
};

}  // namespace velatura::models
