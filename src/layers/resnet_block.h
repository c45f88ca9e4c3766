#pragma once

#include "layers/conv2d.h"
#include "layers/linear.h"
#include "layers/norm.h"

namespace velatura::layers {

/// Residual block of two normalised convolutions, with the time embedding added in the middle.
class ResnetBlock2D : public Module {
 public:
  struct Options {
    std::int64_t in_channels;
    std::int64_t out_channels;
    std::int64_t temb_channels = 0;  ///< width of the time embedding; 0: none (VAE)
    std::int64_t groups = 32;
    double eps = 1e-5;
    bool scale_shift = false;  ///< the embedding scales and shifts the second norm (Dhariwal &
                               ///< Nichol 2021) instead of being added before it
  };
  explicit ResnetBlock2D(const Options& options);

  /// @param x     [B, in_channels, H, W]
  /// @param temb  [B, temb_channels], SiLU already applied; undefined without a time embedding
  /// @return      [B, out_channels, H, W]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& temb = {}) const;

 private:
  at::Tensor forward_in_few(const at::Tensor& x, const at::Tensor& temb) const;

  bool scale_shift_;
  std::shared_ptr<GroupNorm> norm1_, norm2_;
  std::shared_ptr<Conv2d> conv1_, conv2_, conv_shortcut_;
  std::shared_ptr<Linear> time_emb_proj_;
};

}  // namespace velatura::layers
