#pragma once

#include <ATen/core/Tensor.h>

#include <exception>
#include <optional>
#include <string>

namespace velatura {

/// A line for the user, which memory ran out and what needs less; nothing for any other error.
std::optional<std::string> out_of_memory_message(const std::exception& error);

/// Gives what libtorch keeps of a GPU's memory for later use back to the GPU; on the CPU nothing.
void release_kept_memory(at::Device device);

}  // namespace velatura
