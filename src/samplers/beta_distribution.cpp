#include "samplers/beta_distribution.h"

#include <cmath>

namespace velatura::samplers {
namespace {

// d/dx of the distribution function.
double density(double x, double a, double b) {
  const double log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
  return std::exp((a - 1) * std::log(x) + (b - 1) * std::log1p(-x) - log_beta);
}

// The distribution function by its power series, x^a / B(a, b) * sum (1 - b)_n x^n / (n! (a + n))
// (DLMF 8.17.7).
double distribution(double x, double a, double b) {
  double coefficient = 1.0, sum = 0.0;
  for (int n = 0; n < 1000; ++n) {
    const double term = coefficient / (a + n);
    sum += term;
    if (std::abs(term) < 1e-17 * sum) break;
    coefficient *= (1 - b + n) / (n + 1) * x;
  }
  const double log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
  return std::exp(a * std::log(x) - log_beta) * sum;
}

}  // namespace

double beta_quantile(double probability, double a, double b) {
  if (probability <= 0.0) return 0.0;
  if (probability >= 1.0) return 1.0;
  const double mean = a / (a + b);
  if (probability > distribution(mean, a, b)) return 1.0 - beta_quantile(1.0 - probability, b, a);

  // Newton's method, kept between bounds that close in on the root.
  double low = 0.0, high = mean, x = mean / 2;
  for (int i = 0; i < 100; ++i) {
    const double excess = distribution(x, a, b) - probability;
    (excess > 0.0 ? high : low) = x;
    double next = x - excess / density(x, a, b);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::abs(next - x) <= 1e-15 * x) return next;
    x = next;
  }
  return x;
}

}  // namespace velatura::samplers
