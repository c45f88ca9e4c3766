#include "pipelines/hand_over.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/text.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

[[noreturn]] void refuse(double share, const std::string& expected) {
  throw UsageError("refiner-start " + number_text(share) + expected, {"refiner-start"});
}

// Of calls from the beginning that are at or above the cutoff.
std::size_t calls_above(const samplers::Plan& plan, const samplers::SamplerChoice& sampler,
                        double share) {
  if (!(share > 0.0 && share < 1.0)) refuse(share, ": expected a share above 0 and below 1");
  const auto training = static_cast<double>(sampler.config.num_train_timesteps);
  const double cutoff = std::nearbyint(training - share * training);  // half to even, as Python
  return static_cast<std::size_t>(std::ranges::count_if(
      plan.steps, [cutoff](const samplers::Step& step) { return step.timestep >= cutoff; }));
}

}  // namespace

void add_refiner(LatentModel& model, LatentModel refiner, const std::string& name) {
  if (!model.traits.refinable)
    throw UsageError("refiner " + name + ": the model itself is none that a refiner goes on with",
                     {"refiner"});
  if (!refiner.traits.refines) {
    throw UsageError("refiner " + name + ": is no refiner, which Stable Diffusion XL has one of",
                     {"refiner"});
  }
  const LatentCodec &own = *model.codec, &after = *refiner.codec;
  if (own.latent_channels() != after.latent_channels() || own.factor() != after.factor())
    throw InputError("refiner " + name + ": has other latents than the model", {"refiner"});
  model.refiner = std::make_unique<LatentModel>(std::move(refiner));
}

samplers::Plan before_hand_over(samplers::Plan plan, const samplers::SamplerChoice& sampler,
                                double share) {
  const std::size_t calls = calls_above(plan, sampler, share);
  if (calls == 0) refuse(share, ": leaves none of the steps to the model itself");
  plan.steps.resize(calls);
  return plan;
}

samplers::Plan after_hand_over(const samplers::SamplerChoice& sampler, int steps, double share) {
  const samplers::Plan whole = samplers::make_plan(sampler, steps);
  const std::size_t calls = whole.steps.size() - calls_above(whole, sampler, share);
  if (calls == 0) refuse(share, ": leaves none of the steps to the refiner");
  // The last beginning from which at least as many calls are made.
  int start = 0, end = steps;
  while (end - start > 1) {
    const int middle = (start + end) / 2;
    (samplers::make_plan(sampler, steps, middle).steps.size() >= calls ? start : end) = middle;
  }
  return samplers::make_plan(sampler, steps, start);
}

}  // namespace velatura::pipelines
