#pragma once

#include <cstdint>
#include <memory>

#include "pipelines/denoisers/denoiser.h"

namespace velatura::pipelines {

/// How far to go from what is predicted without the prompt to what is predicted with it.
struct Guidance {
  double scale;          ///< 1: to the prediction with it
  double rescale = 0.0;  ///< 0 … 1: how far the result's deviation is pulled back to the
                         ///< conditional prediction's (Lin et al. 2023, §3.4)
};

/// Classifier-free guidance (Ho & Salimans 2022): uncond + scale · (cond - uncond). The inner
/// denoiser sees both halves as one batch, the unconditional first. What it predicts of its own
/// variance is not guided: it is that with the prompt.
class ClassifierFreeGuidance : public Denoiser {
 public:
  /// @param variance_channels  the last ones of what is predicted
  ClassifierFreeGuidance(std::unique_ptr<Denoiser> inner, Guidance guidance,
                         std::int64_t variance_channels = 0);
  at::Tensor predict(const DenoiseCall& call) const override;

 private:
  at::Tensor guided(const at::Tensor& uncond, const at::Tensor& cond) const;

  std::unique_ptr<Denoiser> inner_;
  Guidance guidance_;
  std::int64_t variance_channels_;
};

}  // namespace velatura::pipelines
