#pragma once

#include "layers/conv2d.h"
#include "layers/linear.h"
#include "layers/norm.h"
#include "layers/time_condition.h"

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

  /// @param x [B, in_channels, H, W]
  /// @return  [B, out_channels, H, W]
  at::Tensor forward(const at::Tensor& x, const TimeCondition& time = {}) const;

  /// What it adds to its first convolution by channel: the bias and what it makes of a time embedding
  /// [N, temb_channels]. @return [N, out_channels]
  at::Tensor time_addend(const at::Tensor& embedding) const;
  /// Whether that is all it does with the time.
  bool adds_time() const { return time_emb_proj_ != nullptr && !scale_shift_; }
  /// Where that begins among those of all blocks, see TimeCondition.
  void set_time_place(std::int64_t place) { time_place_ = place; }
  std::int64_t out_channels() const { return conv1_->bias().size(0); }
  bool comes_alone() const override { return true; }

 private:
  at::Tensor forward_in_few(const at::Tensor& x, const TimeCondition& time) const;

  bool scale_shift_;
  std::int64_t time_place_ = 0;
  std::shared_ptr<GroupNorm> norm1_, norm2_;
  std::shared_ptr<Conv2d> conv1_, conv2_, conv_shortcut_;
  std::shared_ptr<Linear> time_emb_proj_;
};

}  // namespace velatura::layers
