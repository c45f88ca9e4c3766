#include "pipelines/denoisers/adapter_steps.h"

#include <ATen/core/Tensor.h>

#include "pipelines/adapter_pictures.h"

namespace velatura::pipelines {

bool StepRange::holds(std::size_t step, std::size_t steps) const {
  const auto i = static_cast<double>(step), n = static_cast<double>(steps);
  return !(i / n < start || (i + 1) / n > end);
}

AdapterSteps adapter_steps(const PictureRequest& request) {
  AdapterSteps when{.objects = request.ground_beta};
  for (const auto& [adapter, images] : adapter_pictures(request)) {
    when.pictures.push_back({adapter.start, adapter.end});
  }
  return when;
}

Conditioning at_step(const Conditioning& conditioning, const AdapterSteps& when, std::size_t step,
                     std::size_t steps) {
  Conditioning now = conditioning;
  const auto grounded = static_cast<std::size_t>(when.objects * static_cast<double>(steps));
  if (step >= grounded) now.objects.reset();
  now.pictures.clear();
  for (std::size_t i = 0; i < conditioning.pictures.size(); ++i) {
    const PictureConditioning& pictures = conditioning.pictures[i];
    if (pictures.scale != 0 && when.pictures[i].holds(step, steps))
      now.pictures.push_back(pictures);
  }
  return now;
}

}  // namespace velatura::pipelines
