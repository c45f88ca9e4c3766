#pragma once

#include <memory>
#include <vector>

#include "core/noise_source.h"
#include "pipelines/denoiser.h"
#include "pipelines/stable_diffusion.h"
#include "samplers/plan.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// What the denoising loop needs for one batch of any task.
struct Batch {
  at::Tensor latents;                ///< [B, C, h, w] float32, at the plan's starting noise level
  std::vector<NoiseSource> sources;  ///< a picture each, advanced past what made `latents`
};

/// Text to image with everything settled that all batches share: size, text, guidance.
class TextToImageTask {
 public:
  /// @throws UsageError naming the option that cannot be carried out
  TextToImageTask(const StableDiffusion& model, const TextToImage& request, Observer& observer);

  int width() const { return width_; }
  int height() const { return height_; }

  /// Pictures `first` … `first + count - 1`, each starting from noise of its own.
  Batch prepare(int first, int count, double init_noise_sigma) const;

  /// @param count  pictures denoised together
  std::unique_ptr<Denoiser> denoiser(int count) const;

 private:
  const StableDiffusion& model_;
  const TextToImage& request_;
  int width_, height_;
  at::Tensor prompt_, negative_prompt_;  // [1, T, D]; the second undefined without guidance
};

}  // namespace velatura::pipelines
