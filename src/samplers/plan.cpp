#include "samplers/plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "velatura/error.h"

namespace velatura::samplers {

Sum& Sum::operator+=(const Sum& other) {
  for (const Term& term : other.terms_) {
    const auto mine = std::ranges::find(terms_, term.value, &Term::value);
    if (mine == terms_.end()) {
      terms_.push_back(term);
    } else if ((mine->weight += term.weight) == 0.0) {
      terms_.erase(mine);
    }
  }
  return *this;
}

Sum& Sum::operator*=(double factor) {
  if (factor == 0.0) terms_.clear();
  for (Term& term : terms_) term.weight *= factor;
  return *this;
}

Sum PlanBuilder::model(const Sum& input, double timestep, NoiseLevel level) {
  const Value output = plan_.values++;
  plan_.steps.push_back({.timestep = timestep,
                         .level = level,
                         .input = input,
                         .output = output,
                         .instructions = {},
                         .latents = latents_,
                         .done = {}});
  return Sum(output);
}

Sum PlanBuilder::spread() {
  const Value result = plan_.values++;
  plan_.steps.back().spread = result;
  return Sum(result);
}

Sum PlanBuilder::scaled(const Sum& factor, const Sum& exponent, double log_offset,
                        double log_slope) {
  const Value result = plan_.values++;
  plan_.steps.back().instructions.emplace_back(Scale{
      log_offset, log_slope, exponent.terms().front().value, factor.terms().front().value, result});
  return Sum(result);
}

Sum PlanBuilder::noise() {
  const Value result = plan_.values++;
  plan_.steps.back().instructions.emplace_back(Draw{result});
  return Sum(result);
}

Sum PlanBuilder::keep(const Sum& sum, const Limit& limit) {
  const Value result = plan_.values++;
  plan_.steps.back().instructions.emplace_back(Combine{sum, limit, result});
  return Sum(result);
}

void PlanBuilder::step(const Sum& latents) {
  latents_ = keep(latents).terms().front().value;
  plan_.steps.back().latents = latents_;
}

Plan PlanBuilder::finish(double init_noise_sigma) && {
  if (plan_.steps.empty()) throw UsageError("no denoising step is left to run");
  plan_.init_noise_sigma = init_noise_sigma;

  std::vector<std::size_t> last_step(static_cast<std::size_t>(plan_.values), 0);
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const auto check = [&](double coefficient) {
      if (std::isfinite(coefficient)) return;
      throw UsageError("the sampler has no finite coefficients at timestep " +
                       std::to_string(plan_.steps[i].timestep) +
                       " with these steps, prediction and noise schedule");
    };
    const auto use = [&](const Sum& sum) {
      for (const Term& term : sum.terms()) {
        check(term.weight);
        last_step[static_cast<std::size_t>(term.value)] = i;
      }
    };
    const Step& step = plan_.steps[i];
    use(step.input);
    use(Sum(step.output));
    if (step.spread) use(Sum(*step.spread));
    for (const Instruction& instruction : step.instructions) {
      if (const auto* combine = std::get_if<Combine>(&instruction)) use(combine->sum);
      if (const auto* scale = std::get_if<Scale>(&instruction)) {
        check(scale->log_offset);
        check(scale->log_slope);
        use(Sum(scale->exponent) + Sum(scale->factor));
      }
      use(Sum(std::visit([](const auto& each) { return each.result; }, instruction)));
    }
  }
  for (std::size_t value = 0; value < last_step.size(); ++value) {
    if (static_cast<Value>(value) != latents_) {
      plan_.steps[last_step[value]].done.push_back(static_cast<Value>(value));
    }
  }
  return std::move(plan_);
}

}  // namespace velatura::samplers
