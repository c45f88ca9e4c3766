#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "velatura/progress.h"

namespace velatura::pipelines {

/// Does the work; where memory runs out, takes a step that makes it need less and does it again.
/// @param economise  takes the next step and says it in a few words; "" where there is none
/// @throws ResourceError where memory runs out and no step is left; what else `work` throws
void with_less_memory(const std::function<void()>& work,
                      const std::function<std::string()>& economise, at::Device device,
                      Observer& observer);

}  // namespace velatura::pipelines
