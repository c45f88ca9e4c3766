#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include "selftest/check.h"
#include "selftest/small_networks.h"

namespace velatura::selftest {

// One file each.

/// The program, the libtorch it was built with, and CUDA.
Finding check_versions(at::Device device);

/// The device's name and free memory, and that it can add.
Finding check_device(at::Device device);

/// CLIP's bundled vocabulary gives known ids; skipped where it is not installed.
Finding check_tokenizer(at::Device device);

/// velatura's own kernels on a GPU compute what those on the CPU do; skipped where there are none.
Finding check_gpu_kernels(at::Device device);

/// What is replayed as a graph computes what the CPU does; skipped where it cannot be recorded.
Finding check_gpu_graph(at::Device device);

/// Every kernel of attention that this processor has computes softmax(q kᵀ / √d) v; says which of
/// them the CPU uses.
Finding check_attention(at::Device device);

/// The ways in which the CPU convolves compute a convolution; says which they are.
Finding check_convolution(at::Device device);

/// The same of linear layers.
Finding check_linear(at::Device device);

/// Both with weights that are held as int8, in bfloat16; skipped where the CPU does not compute so.
Finding check_int8(at::Device device);

/// Short runs of samplers end where diffusers' schedulers do.
Finding check_samplers(at::Device device);

/// The CPU's float32 output has the stored figures.
Finding check_figures(const SmallNetwork& network);

/// The device's output in a dtype is near the CPU's in float32.
Finding check_network(const SmallNetwork& network, at::Device device, at::ScalarType dtype);

/// The same network gives the same bits twice.
Finding check_repeat(at::Device device);

/// A picture and its metadata come back from a PNG.
Finding check_png(at::Device device);

/// A file is replaced whole, or not at all.
Finding check_atomic_write(at::Device device);

}  // namespace velatura::selftest
