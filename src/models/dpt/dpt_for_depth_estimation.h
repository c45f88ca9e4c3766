#pragma once

#include "layers/conv2d.h"
#include "models/dpt/config.h"
#include "models/dpt/dpt_model.h"
#include "models/dpt/neck.h"

namespace velatura::models {

/// DPT, plain or hybrid, which estimates depth from one picture (Ranftl et al. 2021, "Vision Transformers for
/// Dense Prediction"). Names as transformers' DPTForDepthEstimation. It is meant for float32.
class DptForDepthEstimation : public layers::Module {
 public:
  explicit DptForDepthEstimation(const DptConfig& config);

  /// @param pixel_values [B, 3, H, W] as DptImageProcessor makes them; H and W multiples of
  ///                     patch_size. transformers takes image_size × image_size only; for other
  ///                     sizes the position embeddings are interpolated, as its own parts can do
  /// @return [B, H', W'], of the picture's size (with usual factors, its sides rounded up to
  ///         multiples of 32): inverse depths of arbitrary scale, not negative:
  ///         near is large
  at::Tensor forward(const at::Tensor& pixel_values) const;

  const DptConfig& config() const { return config_; }

 private:
  DptConfig config_;
  std::shared_ptr<DptModel> dpt_;
  std::shared_ptr<DptNeck> neck_;
  std::array<std::shared_ptr<layers::Conv2d>, 3> head_;
};

}  // namespace velatura::models
