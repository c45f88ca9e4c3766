#pragma once

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
/// denoiser sees both halves as one batch, the unconditional first.
class ClassifierFreeGuidance : public Denoiser {
 public:
  ClassifierFreeGuidance(std::unique_ptr<Denoiser> inner, Guidance guidance);
  at::Tensor predict(const DenoiseCall& call) const override;

 private:
  std::unique_ptr<Denoiser> inner_;
  Guidance guidance_;
};

}  // namespace velatura::pipelines
