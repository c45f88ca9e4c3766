#include "pipelines/denoise_loop.h"

#include "samplers/run.h"
#include "velatura/error.h"

namespace velatura::pipelines {

at::Tensor batch_noise(std::vector<NoiseSource>& sources, at::IntArrayRef shape, at::Device device) {
  std::vector<at::Tensor> noise;
  noise.reserve(sources.size());
  for (auto& source : sources) noise.push_back(source.normal(shape));
  return at::stack(noise).to(device);
}

at::Tensor denoise(const samplers::Plan& plan, const at::Tensor& latents, const Denoiser& denoiser,
                   std::vector<NoiseSource>& sources, Progress progress, Observer& observer) {
  progress.stage = Stage::denoise;
  progress.total = static_cast<int>(plan.steps.size());
  const auto result = samplers::run(
      plan, latents,
      [&](const at::Tensor& x, double timestep) { return denoiser.predict(x, timestep); },
      [&] { return batch_noise(sources, latents.sizes().slice(1), latents.device()); },
      [&](std::size_t step, at::Tensor&) {
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
