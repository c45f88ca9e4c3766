#include "pipelines/denoise_loop.h"

#include <ATen/core/Tensor.h>

#include "samplers/run.h"
#include "velatura/error.h"

namespace velatura::pipelines {

at::Tensor denoise(const samplers::Plan& plan, const Batch& batch, const Denoiser& denoiser,
                   BatchNoise& noise, Progress progress, Observer& observer) {
  progress.stage = Stage::denoise;
  progress.total = static_cast<int>(plan.steps.size());
  const Region whole{0, 0, static_cast<int>(batch.latents.size(3)),
                     static_cast<int>(batch.latents.size(2))};
  const auto result = samplers::run(
      plan, batch.latents,
      [&](const at::Tensor& x, double timestep, std::size_t step) {
        return denoiser.predict({x, timestep, step, plan.steps.size(), whole});
      },
      [&] { return noise.normal(batch.latents.sizes().slice(1)); },
      [&](std::size_t step, at::Tensor& latents) {
        if (batch.after_step) batch.after_step(step, latents);
        progress.done = static_cast<int>(step) + 1;
        observer.on_progress(progress);
        if (observer.cancelled()) throw Interrupted();
      });
  if (!result.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::internal,
                "the latents are not finite after denoising; float32 or bfloat16 may help where "
                "float16 overflows");
  }
  return result;
}

}  // namespace velatura::pipelines
