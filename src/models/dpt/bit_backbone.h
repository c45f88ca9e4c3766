#pragma once

#include "layers/norm.h"
#include "models/dpt/config.h"
#include "models/dpt/weight_standardized_conv2d.h"

namespace velatura::models {

class BitStage;

/// The first three stages of BiT, Big Transfer's ResNet with weight standardisation and group
/// norms (Kolesnikov et al. 2020), with bottlenecks that are not pre-activated. Names as
/// transformers' BitBackbone, beginning with `bit.`.
class BitBackbone : public layers::Module {
 public:
  explicit BitBackbone(const BitConfig& config);
  ~BitBackbone() override;

  /// @param pixel_values [B, 3, H, W]
  /// @return the stages' outputs: [B, hidden_sizes[i], ⌈H / s⌉, ⌈W / s⌉] with s = 4, 8, 16
  std::array<at::Tensor, 3> forward(const at::Tensor& pixel_values) const;

 private:
  std::shared_ptr<WeightStandardizedConv2d> convolution_;
  std::shared_ptr<layers::GroupNorm> norm_;
  std::shared_ptr<layers::ModuleList<BitStage>> stages_;
};

}  // namespace velatura::models
