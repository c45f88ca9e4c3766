#pragma once

namespace velatura::samplers {

/// The quantile function (inverse of the cumulative distribution) of Beta(a, b), to 1e-14.
/// @param probability  0 … 1
/// @return             0 … 1
double beta_quantile(double probability, double a, double b);

}  // namespace velatura::samplers
