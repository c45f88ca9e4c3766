#pragma once

#include <string>

namespace velatura {

/// A library that was opened at run time, or why it was not.
struct OpenedLibrary {
  bool open = false;
  std::string why_not = {};  ///< of one that is not: the loader's own words
};

/// libtorch's CUDA half. Opened by the first call, for good; it must come before the first
/// convolution of the process, even one on the CPU: libtorch then settles whether it has CUDA.
const OpenedLibrary& libtorch_cuda();

/// velatura's own CUDA kernels, which register themselves with libtorch; without them libtorch's do
/// the work. Opened by the first call, with libtorch's CUDA half.
const OpenedLibrary& velatura_cuda();

/// What records work of a GPU as graphs. Opened by the first call, with libtorch's CUDA half.
const OpenedLibrary& velatura_cuda_graph();

/// Whether this program was built with kernels to open.
bool velatura_cuda_is_built();

}  // namespace velatura
