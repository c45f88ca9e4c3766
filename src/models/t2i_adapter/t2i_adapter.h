#pragma once

#include <vector>

#include "layers/conv2d.h"
#include "models/t2i_adapter/config.h"

namespace velatura::models {

class T2IAdapterBlock;

/// Makes of a hint what is added to a UNet's levels on the way down (Mou et al. 2023,
/// "T2I-Adapter"); full and light. Named as diffusers' T2IAdapter.
class T2IAdapter : public layers::Module {
 public:
  explicit T2IAdapter(const T2IAdapterConfig& config);
  ~T2IAdapter() override;

  const T2IAdapterConfig& config() const { return config_; }

  /// @param hint  [B, in_channels, H, W] in [0, 1]; H and W multiples of downscale_factor
  /// @return      one for each level, finest first: [B, C, h, w] with h = H / downscale_factor,
  ///              halved (rounded up) from level to level
  std::vector<at::Tensor> forward(const at::Tensor& hint) const;

 private:
  T2IAdapterConfig config_;
  std::shared_ptr<layers::Conv2d> conv_in_;  // null in a light one
  std::shared_ptr<layers::ModuleList<T2IAdapterBlock>> body_;
};

}  // namespace velatura::models
