#include "pipelines/denoise_loop.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/stack.h>

#include <string>
#include <vector>

#include "core/finite.h"
#include "samplers/run.h"

namespace velatura::pipelines {
namespace {

/// Looks after each step whether the latents are finite. A GPU is not waited for before the end.
class FiniteWatch {
 public:
  explicit FiniteWatch(std::size_t steps) : steps_(steps) {}

  void look_at(const at::Tensor& latents) {
    if (!latents.is_cpu()) {
      finite_.push_back(latents.isfinite().all());
    } else if (!all_finite(latents)) {
      fail(step_);
    }
    ++step_;
  }

  void finish() const {
    if (finite_.empty()) return;
    const auto finite = at::stack(finite_).to(at::kCPU);
    for (std::size_t step = 0; step < finite_.size(); ++step) {
      if (!finite[static_cast<std::int64_t>(step)].item<bool>()) fail(step);
    }
  }

 private:
  [[noreturn]] void fail(std::size_t step) const {
    throw NotFinite("at step " + std::to_string(step + 1) + " of " + std::to_string(steps_));
  }

  std::size_t steps_, step_ = 0;
  std::vector<at::Tensor> finite_;
};

}  // namespace

at::Tensor denoise(const samplers::Plan& plan, const Batch& batch, const Denoiser& denoiser,
                   BatchNoise& noise, Progress progress, Observer& observer) {
  progress.stage = Stage::denoise;
  const int before = progress.done;
  progress.total += static_cast<int>(plan.steps.size());
  const Region whole{0, 0, static_cast<int>(batch.latents.size(3)),
                     static_cast<int>(batch.latents.size(2))};
  FiniteWatch watch(plan.steps.size());
  auto result = samplers::run(
      plan, batch.latents,
      [&](const at::Tensor& x, double timestep, std::size_t step) {
        return denoiser.predict({x, timestep, step, plan.steps.size(), whole});
      },
      [&] { return noise.normal(batch.latents.sizes().slice(1)); },
      [&](std::size_t step, at::Tensor& latents) {
        if (batch.after_step) batch.after_step(step, latents);
        watch.look_at(latents);
        progress.done = before + static_cast<int>(step) + 1;
        observer.on_progress(progress);
        if (observer.cancelled()) throw Interrupted();
      });
  watch.finish();
  return result;
}

}  // namespace velatura::pipelines
