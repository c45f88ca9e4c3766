#pragma once

#include <ATen/core/Tensor.h>

#include <exception>
#include <optional>
#include "velatura/error.h"

namespace velatura {

/// What to tell the user, which memory ran out and what needs less; nothing for any other error.
std::optional<ResourceError> out_of_memory(const std::exception& error);

/// Gives what libtorch keeps of a GPU's memory for later use back to the GPU; on the CPU nothing.
void release_kept_memory(at::Device device);

}  // namespace velatura
