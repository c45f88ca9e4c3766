#pragma once

#include <vector>

#include "layers/norm.h"
#include "layers/resnet_block.h"
#include "layers/transformer_2d.h"
#include "models/unet/context_projector.h"
#include "models/unet/position_net.h"
#include "models/unet/unet_trunk.h"

namespace velatura::models {

/// The text-conditioned denoiser (Rombach et al. 2022), named as diffusers' UNet2DConditionModel. Its
/// cross-attention layers are counted as cross_attention_widths() does.
class UNet2DConditionModel : public UNetTrunk {
 public:
  explicit UNet2DConditionModel(const UNetConfig& config);

  /// @param sample        [B, in_channels, h, w], any h and w >= 1; with ResNet blocks that resample,
  ///                      multiples of 2^(levels - 1); with image_hint without the hint's channels
  /// @param timesteps     [B] float32: training time, 0 … 999 for the usual models; need not be
  ///                      whole
  /// @param context       its text is encoder_hidden_states [B, T, cross_attention_dim]; with
  ///                      text_image_proj [B, T, encoder_hid_dim], with image_proj undefined
  /// @param residuals     what networks beside it add
  /// @param time_addends  a step's part of time_addends(), in place of timesteps and class labels;
  ///                      undefined: none
  /// @return              [B, out_channels, h, w], channels-last
  at::Tensor forward(const at::Tensor& sample, const at::Tensor& timesteps,
                     const layers::AttentionContext& context, const TimeConditions& conditions = {},
                     const UNetResiduals& residuals = {},
                     const at::Tensor& time_addends = {}) const;

  /// What all ResNet blocks make of the times of a run, to be worked out once for it.
  /// @param timesteps  [N] float32
  /// @return           [N, B or 1, sum of their widths]; undefined if one of them does more with the
  ///                   time than to add it
  at::Tensor time_addends(const at::Tensor& timesteps, const TimeConditions& conditions,
                          at::ScalarType dtype) const;

  /// What its cross-attention layers' keys and values are of a text [B, T, cross_attention_dim]. Empty,
  /// and not looked at by forward(), where the text is not what they look at (encoder_hid_dim_type).
  layers::TextProjections project_text(const at::Tensor& text) const;

  /// Of gated ones: makes the objects that its context may have.
  const PositionNet& position_net() const { return *position_net_; }

 private:
  std::shared_ptr<ContextProjector> encoder_hid_proj_;                  // may be null
  std::shared_ptr<PositionNet> position_net_;                           // of gated ones, else null
  std::shared_ptr<layers::ModuleList<UNetUpBlock>> up_blocks_;          // coarsest first
  std::vector<const layers::BasicTransformerBlock*> cross_attentions_;  // by their places
  std::vector<const layers::ResnetBlock2D*> resnets_;                   // likewise
  std::shared_ptr<layers::GroupNorm> conv_norm_out_;
  std::shared_ptr<layers::Conv2d> conv_out_;
};

}  // namespace velatura::models
