#pragma once

#include <memory>
#include <optional>

#include "models/unet/unet_2d_condition_model.h"
#include "pipelines/tiles.h"

namespace velatura::pipelines {

/// Predicts what the model was trained to predict from noisy latents; decorators wrap it.
class Denoiser {
 public:
  virtual ~Denoiser() = default;
  /// @param latents   [B, C, h, w] float32
  /// @param timestep  training time; need not be whole
  /// @return          [B, C', h, w] float32
  virtual at::Tensor predict(const at::Tensor& latents, double timestep) const = 0;
};

/// A UNet that looks at a fixed text.
class UNetDenoiser : public Denoiser {
 public:
  /// @param context      [B, T, D], in the UNet's dtype
  /// @param class_label  for UNets with class labels: the one for the whole batch
  UNetDenoiser(std::shared_ptr<models::UNet2DConditionModel> unet, at::Tensor context,
               std::optional<std::int64_t> class_label);
  at::Tensor predict(const at::Tensor& latents, double timestep) const override;

 private:
  std::shared_ptr<models::UNet2DConditionModel> unet_;
  at::Tensor context_, class_labels_;
};

/// Classifier-free guidance (Ho & Salimans 2022): uncond + scale · (cond - uncond). The inner
/// denoiser sees both halves as one batch, the unconditional first.
class ClassifierFreeGuidance : public Denoiser {
 public:
  /// @param rescale  0 … 1: how far the result's deviation is pulled back to the conditional
  ///                 prediction's (Lin et al. 2023, §3.4)
  ClassifierFreeGuidance(std::unique_ptr<Denoiser> inner, double scale, double rescale);
  at::Tensor predict(const at::Tensor& latents, double timestep) const override;

 private:
  std::unique_ptr<Denoiser> inner_;
  double scale_, rescale_;
};

/// Denoises large latents square by square.
class TiledDenoiser : public Denoiser {
 public:
  TiledDenoiser(std::unique_ptr<Denoiser> inner, Tiling tiling);
  at::Tensor predict(const at::Tensor& latents, double timestep) const override;

 private:
  std::unique_ptr<Denoiser> inner_;
  Tiling tiling_;
};

/// Shows the inner denoiser more channels behind those of the latents: a mask, a depth map, ….
class WithChannels : public Denoiser {
 public:
  /// @param channels [B, E, h, w] float32
  WithChannels(std::unique_ptr<Denoiser> inner, at::Tensor channels);
  at::Tensor predict(const at::Tensor& latents, double timestep) const override;

 private:
  std::unique_ptr<Denoiser> inner_;
  at::Tensor channels_;
};

}  // namespace velatura::pipelines
