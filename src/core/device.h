#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "velatura/generator.h"

namespace velatura {

/// Where a model's arithmetic happens, and in which type.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;
  Offload offload = Offload::none;  ///< of its weights from a GPU; decided: not automatic
  bool int8_weights = false;        ///< of the network that denoises
};

/// Settles "auto", "cpu", "cuda" or "cuda:N" and a dtype. Opens libtorch's CUDA half (and
/// velatura's own kernels) the first time a GPU is considered: programs that stay on the CPU never
/// load it. "auto" is the first GPU if there is one, else the CPU.
/// @throws UsageError for a name that is no device and for int8 on a GPU, ResourceError for one that is not there
Placement choose_placement(const std::string& device, DType dtype);

/// The dtype in which a network works; automatic: float32 on the CPU, float16 on a GPU.
/// @throws UsageError for int8, which none works in: of vae-dtype, of which it is asked
at::ScalarType choose_dtype(DType dtype, at::Device device);

/// The field's name of a dtype: "float32", "bfloat16", "float16", …
std::string dtype_name(at::ScalarType dtype);

/// The same of a placement's, which may be "int8".
std::string dtype_name(const Placement& placement);

/// One line about a device that choose_placement() gave: "cpu (N threads, AVX512…)" or
/// "cuda:0 (NAME, N.N GiB, compute M.m)".
std::string describe_device(at::Device device);

/// Bytes of a device's memory that can still be had: the GPU's own, or available_memory().
std::uint64_t free_memory(at::Device device);

}  // namespace velatura
