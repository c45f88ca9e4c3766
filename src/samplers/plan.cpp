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
  plan_.steps.push_back({timestep, level, input, output, {}, latents_, {}});
  return Sum(output);
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
    const auto use = [&](const Sum& sum) {
      for (const Term& term : sum.terms()) {
        if (!std::isfinite(term.weight)) {
          throw UsageError("the sampler has no finite coefficients at timestep " +
                           std::to_string(plan_.steps[i].timestep) +
                           " with these steps, prediction and noise schedule");
        }
        last_step[static_cast<std::size_t>(term.value)] = i;
      }
    };
    const Step& step = plan_.steps[i];
    use(step.input);
    use(Sum(step.output));
    for (const Instruction& instruction : step.instructions) {
      if (const auto* combine = std::get_if<Combine>(&instruction)) use(combine->sum);
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
