#pragma once

#include <cstddef>
#include <vector>

#include "pipelines/conditioning.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// Shares of a run between which something counts.
struct StepRange {
  double start = 0.0, end = 1.0;
  /// As diffusers' control_guidance_start and _end: step i of n is in it unless i / n < start or
  /// (i + 1) / n > end. @param steps  model calls in the run
  bool holds(std::size_t step, std::size_t steps) const;
};

/// At which steps what is told beside the text counts.
struct AdapterSteps {
  double objects = 1.0;                  ///< share of the steps, from the first
  std::vector<StepRange> pictures = {};  ///< of each adapter
};

AdapterSteps adapter_steps(const PictureRequest& request);

/// What of it counts at a step.
Conditioning at_step(const Conditioning& conditioning, const AdapterSteps& when, std::size_t step,
                     std::size_t steps);

}  // namespace velatura::pipelines
