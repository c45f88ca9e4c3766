#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "samplers/lambda_sampler.h"

namespace velatura::samplers {
namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

// Gaussian elimination with partial pivoting; at most 3 × 3.
Vector solve(Matrix a, Vector b) {
  const std::size_t n = b.size();
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    std::swap(a[column], a[pivot]);
    std::swap(b[column], b[pivot]);
    for (std::size_t row = column + 1; row < n; ++row) {
      const double factor = a[row][column] / a[column][column];
      for (std::size_t k = column; k < n; ++k) a[row][k] -= factor * a[column][k];
      b[row] -= factor * b[column];
    }
  }
  for (std::size_t row = n; row-- > 0;) {
    for (std::size_t k = row + 1; k < n; ++k) b[row] -= a[row][k] * b[k];
    b[row] /= a[row][row];
  }
  return b;
}

/// Zhao et al. 2023, "UniPC", over one interval: from point i to i + 1.
class Interval {
 public:
  Interval(const LambdaSampler& sampler, std::size_t i, int order)
      : config_(sampler.config), s_(sampler.point(i)), t_(sampler.point(i + 1)) {
    const double h = t_.lambda - s_.lambda;
    hh_ = config_.predict_x0 ? -h : h;
    b_h_ = config_.solver_type == Solver::bh1 ? hh_ : std::expm1(hh_);
    for (int k = 1; k < order; ++k) {
      r_.push_back((sampler.point(i - static_cast<std::size_t>(k)).lambda - s_.lambda) / h);
    }
  }

  /// UniP: from x over the predictions at i, i - 1, …
  Sum predict(const Sum& x, const std::deque<Sum>& m) const {
    const Vector rhos = r_.size() == 1 ? Vector{0.5} : weights(r_);
    return first_order(x, m[0]) - scale() * b_h_ * differences(rhos, m);
  }

  /// UniC: the same with the prediction at i + 1, found where UniP went.
  Sum correct(const Sum& x, const std::deque<Sum>& m, const Sum& m_next) const {
    Vector nodes = r_;
    nodes.push_back(1.0);
    const Vector rhos = r_.empty() ? Vector{0.5} : weights(nodes);
    return first_order(x, m[0]) -
           scale() * b_h_ * (differences(rhos, m) + rhos.back() * (m_next - m[0]));
  }

 private:
  double scale() const { return config_.predict_x0 ? t_.alpha : t_.sigma; }

  Sum first_order(const Sum& x, const Sum& m0) const {
    const double kept = config_.predict_x0 ? t_.sigma / s_.sigma : t_.alpha / s_.alpha;
    return kept * x - scale() * std::expm1(hh_) * m0;
  }

  Sum differences(const Vector& rhos, const std::deque<Sum>& m) const {
    Sum sum;
    for (std::size_t k = 0; k < r_.size(); ++k) sum += rhos[k] / r_[k] * (m[k + 1] - m[0]);
    return sum;
  }

  // Equation 10: sum over k of rho_k r_k^(n - 1) = n! phi_(n + 1)(hh) / B(h) for n = 1, 2, …
  Vector weights(const Vector& nodes) const {
    Matrix powers;
    Vector right;
    double phi = std::expm1(hh_) / hh_ - 1.0, factorial = 1.0;
    for (std::size_t n = 1; n <= nodes.size(); ++n) {
      Vector row;
      for (const double r : nodes) row.push_back(std::pow(r, static_cast<double>(n - 1)));
      powers.push_back(row);
      right.push_back(phi * factorial / b_h_);
      factorial *= static_cast<double>(n + 1);
      phi = phi / hh_ - 1.0 / factorial;
    }
    return solve(powers, right);
  }

  const SchedulerConfig& config_;
  LambdaPoint s_, t_;
  double hh_ = 0.0, b_h_ = 0.0;
  Vector r_;  // lambda of the earlier points, in units of the interval
};

}  // namespace

// Each step first corrects the point it starts from with the new prediction, then predicts the
// next; no further model calls.
Plan unipc(const SamplerSetting& setting) {
  const SchedulerConfig& config = setting.config;
  const LambdaSampler sampler(
      setting, lambda_steps(config, setting.schedule, setting.steps, {.repeats_last = true}));
  PlanBuilder plan;
  std::deque<Sum> predictions;  // latest first
  Sum last;
  int order = 0;  // of the step before
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    Sum x = plan.latents();
    const Sum prediction = sampler.predict(plan, i, config.predict_x0);
    const bool corrected = std::ranges::find(config.disable_corrector, static_cast<int>(i) - 1) ==
                           config.disable_corrector.end();
    if (i > sampler.start && corrected) {
      x = plan.keep(Interval(sampler, i - 1, order).correct(last, predictions, prediction));
    }
    predictions.push_front(prediction);
    if (predictions.size() > 3) predictions.pop_back();

    order = std::min(config.solver_order, static_cast<int>(i - sampler.start) + 1);
    if (config.lower_order_final) order = std::min(order, static_cast<int>(sampler.count() - i));
    last = x;
    plan.step(Interval(sampler, i, order).predict(x, predictions));
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
