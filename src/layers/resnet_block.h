#pragma once

#include "layers/conv2d.h"
#include "layers/linear.h"
#include "layers/resample.h"
#include "layers/spatial_norm.h"
#include "layers/time_condition.h"

namespace velatura::layers {

/// What a ResNet block does to its input's size: means of 2×2 pixels, or each pixel four times; behind
/// the first norm, and to what the residual is added to.
enum class Resampling { none, down, up };

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
    Resampling resampling = Resampling::none;
    std::int64_t latent_channels = 0;  ///< of the latents that its norms are told, which are then
                                       ///< SpatialNorms; 0: they are GroupNorms
  };
  explicit ResnetBlock2D(const Options& options);

  /// @param x [B, in_channels, H, W]; if it is given away, its memory may be used
  /// @return  [B, out_channels, H, W]; resampled ⌊H/2⌋ and ⌊W/2⌋, or 2H and 2W
  at::Tensor forward(at::Tensor x, const TimeCondition& time = {}) const;

  /// What it adds to its first convolution by channel: the bias and what it makes of a time embedding
  /// [N, temb_channels]. @return [N, out_channels]
  at::Tensor time_addend(const at::Tensor& embedding) const;
  /// Whether that is all it does with the time.
  bool adds_time() const { return time_emb_proj_ != nullptr && is_plain(); }
  /// Where that begins among those of all blocks, see TimeCondition.
  void set_time_place(std::int64_t place) { time_place_ = place; }
  std::int64_t out_channels() const { return conv2_->bias().size(0); }
  bool comes_alone() const override { return true; }

 private:
  bool is_plain() const {
    return !scale_shift_ && resampling_ == Resampling::none && norm1_.plain != nullptr;
  }
  at::Tensor forward_in_few(const at::Tensor& x, const TimeCondition& time) const;
  at::Tensor first_convolution(const at::Tensor& normed) const;
  at::Tensor resampled(const at::Tensor& x) const;

  bool scale_shift_;
  Resampling resampling_;
  std::int64_t time_place_ = 0;
  PlainOrSpatialNorm norm1_, norm2_;
  std::shared_ptr<Conv2d> conv1_, conv2_, conv_shortcut_;  // conv1_: null if resampling_ is up
  std::shared_ptr<UpsampledConv2d> upsampled_conv1_;       // under conv1's name, then
  std::shared_ptr<Linear> time_emb_proj_;
};

}  // namespace velatura::layers
