#include "pipelines/denoise_loop.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/finite.h"
#include "pipelines/step_pace.h"
#include "samplers/run.h"

namespace velatura::pipelines {
namespace {

/// Looks after each step whether the latents are finite. A GPU is not waited for before the end.
class FiniteWatch {
 public:
  explicit FiniteWatch(std::size_t steps) : steps_(steps) {}

  void look_at(const at::Tensor& latents) {
    if (!latents.is_cpu()) {
      zeros_.push_back(zero_if_finite(latents));
    } else if (!all_finite(latents)) {
      fail(step_);
    }
    ++step_;
  }

  void finish() const {
    if (zeros_.empty()) return;
    const auto zeros = at::stack(zeros_).to(at::kCPU);
    for (std::size_t step = 0; step < zeros_.size(); ++step) {
      if (zeros[static_cast<std::int64_t>(step)].item<float>() != 0) fail(step);
    }
  }

 private:
  [[noreturn]] void fail(std::size_t step) const {
    throw NotFinite("at step " + std::to_string(step + 1) + " of " + std::to_string(steps_));
  }

  std::size_t steps_, step_ = 0;
  std::vector<at::Tensor> zeros_;  // [] each, NaN where the latents were not finite
};

// How often a plan draws noise.
std::size_t draws_of(const samplers::Plan& plan) {
  std::size_t draws = 0;
  for (const samplers::Step& step : plan.steps) {
    draws += static_cast<std::size_t>(
        std::ranges::count_if(step.instructions, [](const samplers::Instruction& instruction) {
          return std::holds_alternative<samplers::Draw>(instruction);
        }));
  }
  return draws;
}

}  // namespace

at::Tensor denoise(const samplers::Plan& plan, const Batch& batch, const Denoiser& denoiser,
                   BatchNoise& noise, Progress progress, Observer& observer) {
  progress.stage = Stage::denoise;
  const int before = progress.done;
  progress.total += static_cast<int>(plan.steps.size());
  const Region whole{0, 0, static_cast<int>(batch.latents.size(3)),
                     static_cast<int>(batch.latents.size(2))};
  FiniteWatch watch(plan.steps.size());
  StepPace pace(batch.latents.device());
  const auto report = [&](std::size_t steps) {
    const int done = before + static_cast<int>(steps);
    if (done <= progress.done) return;
    progress.done = done;
    observer.on_progress(progress);
  };
  noise.expect(draws_of(plan));
  std::vector<double> timesteps;
  for (const samplers::Step& step : plan.steps) timesteps.push_back(step.timestep);
  auto result = samplers::run(
      plan, batch.latents,
      [&](const at::Tensor& x, double timestep, std::size_t step) {
        return denoiser.predict({x, timestep, step, plan.steps.size(), whole, {}, timesteps});
      },
      [&] { return noise.normal(batch.latents.sizes().slice(1)); },
      [&](std::size_t step, at::Tensor& latents) {
        if (batch.after_step) batch.after_step(step, latents);
        watch.look_at(latents);
        report(pace.queued());
        if (observer.cancelled()) throw Interrupted();
      });
  report(pace.finish());
  watch.finish();
  return result;
}

}  // namespace velatura::pipelines
