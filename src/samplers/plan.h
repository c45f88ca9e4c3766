#pragma once

#include <optional>
#include <variant>
#include <vector>

namespace velatura::samplers {

/// A tensor of a running plan, by its number; number 0 is the latents the plan starts from.
using Value = int;

/// weight * value
struct Term {
  double weight;
  Value value;
};

/// A weighted sum of tensors: what every sampler's formula comes down to. Sums add and scale like
/// the tensors they stand for, so that a formula can be written as its paper has it.
class Sum {
 public:
  Sum() = default;
  explicit Sum(Value value) : terms_{{1.0, value}} {}

  const std::vector<Term>& terms() const { return terms_; }

  Sum& operator+=(const Sum& other);
  Sum& operator*=(double factor);

 private:
  std::vector<Term> terms_;  // one a value; none has weight 0
};

inline Sum operator+(Sum a, const Sum& b) {
  return a += b;
}
inline Sum operator*(Sum a, double factor) {
  return a *= factor;
}
inline Sum operator*(double factor, Sum a) {
  return a *= factor;
}
inline Sum operator/(Sum a, double divisor) {
  return a *= 1.0 / divisor;
}
inline Sum operator-(Sum a, const Sum& b) {
  return a += b * -1.0;
}

/// How noisy latents are: x = signal * x0 + noise * epsilon, epsilon standard normal.
struct NoiseLevel {
  double signal = 1.0;
  double noise = 0.0;
};

/// Clamp to [-range, range].
struct Clip {
  double range;
};

/// Dynamic thresholding (Saharia et al. 2022, §2.3): per picture, clamp to [-s, s] and divide by s,
/// where s is the `ratio` quantile of the absolute values, kept within [1, max].
struct Threshold {
  double ratio;
  double max;
};

using Limit = std::variant<std::monostate, Clip, Threshold>;

/// result = fresh standard normal noise
struct Draw {
  Value result;
};

/// result = sum, limited
struct Combine {
  Sum sum;
  Limit limit;
  Value result;
};

/// result = exp(log_offset + log_slope * exponent) * factor, elementwise: noise of a strength that the
/// model gives for each place.
struct Scale {
  double log_offset, log_slope;
  Value exponent, factor;
  Value result;
};

using Instruction = std::variant<Draw, Combine, Scale>;

/// One call of the model and what follows from it, in order.
struct Step {
  double timestep;   ///< given to the model; need not be whole
  NoiseLevel level;  ///< of the latents this call starts from, as img2img and inpainting noise them
  Sum input;         ///< given to the model
  Value output;      ///< the model's answer
  /// The second half of its channels, where a model gives twice as many as latents have: how wide its
  /// guess is, in -1 … 1 (Nichol & Dhariwal 2021, §3.1). Absent: these are let go.
  std::optional<Value> spread = std::nullopt;
  std::vector<Instruction> instructions;
  Value latents;            ///< the latents after this step; a callback may replace them
  std::vector<Value> done;  ///< values nothing after this step refers to
};

/// A sampler's whole course as coefficients: the model calls from noise to picture.
struct Plan {
  double init_noise_sigma = 1.0;  ///< txt2img starts from standard normal noise times this
  std::vector<Step> steps;
  int values = 1;  ///< numbers used
};

/// Records a sampler's formulas as a plan.
class PlanBuilder {
 public:
  /// The latents as they stand.
  Sum latents() const { return Sum(latents_); }

  /// Calls the model. @return its output
  Sum model(const Sum& input, double timestep, NoiseLevel level);

  /// The spread that the last call of the model gave beside its output; the model must give one.
  Sum spread();

  /// exp(log_offset + log_slope * exponent) * factor, both of which are single values.
  Sum scaled(const Sum& factor, const Sum& exponent, double log_offset, double log_slope);

  /// Draws fresh noise, once a call, in the order of the calls.
  Sum noise();

  /// Computes a sum now and keeps it as one tensor.
  Sum keep(const Sum& sum, const Limit& limit = {});

  /// Ends what follows from the last model call. The next step begins with these latents.
  void step(const Sum& latents);

  /// @throws UsageError if a coefficient is not finite or there is no step
  Plan finish(double init_noise_sigma) &&;

 private:
  Plan plan_;
  Value latents_ = 0;
};

}  // namespace velatura::samplers
