#pragma once

// A CUDA that computes nothing: a libcudart.so.13 whose memory is always zero, whose copies copy
// nothing and whose launches are checked against a device's limits and counted by name, not executed; stubs of the
// other CUDA libraries answer "done". The real libtorch_cuda of the wheel runs on it: its kernels are
// chosen, its caching allocator works, its graphs are captured, and what CUDA forbids while a stream is
// captured is refused. It never shows time.
// Environment:
//   NULL_CUDA_COMPUTE  compute capability, 90 if not given
//   NULL_CUDA_MEMORY   bytes, 80 GiB if not given
//   NULL_CUDA_DEVICES  how many there are, 1 if not given
//   NULL_CUDA_REPORT   file for what was counted, written at exit

#include <cuda_runtime_api.h>

#include <cstddef>
#include <string>

namespace velatura::null_cuda {

std::size_t from_environment(const char* name, std::size_t otherwise);
int compute_capability();

/// Counts an event: "launch", "copy", "wait", "refused", … and of what.
void note(const std::string& kind, const std::string& what);

/// Remembers an error for cudaGetLastError(), and counts it.
cudaError_t refuse(cudaError_t error, const std::string& what);
cudaError_t last_error();
cudaError_t take_last_error();

/// An error while a stream is captured, which also breaks the capture.
cudaError_t forbidden_in_capture(const std::string& what);

/// The host waits for the device.
cudaError_t wait(const std::string& what);

/// Counts a launch, in the capture if there is one.
void launched(const std::string& name);

/// Bytes of the device's memory.
std::size_t memory_capacity();
std::size_t memory_used();

}  // namespace velatura::null_cuda

// For tests in the same process, found with dlsym():
extern "C" {
/// How many events begin so: "launch", "launch void at::native", "wait stream".
long null_cuda_count(const char* beginning);
/// Forgets the events so far, and the peak.
void null_cuda_reset();
/// Most bytes of the device's memory that were taken at once.
std::size_t null_cuda_peak();
/// Sets how much memory there is.
void null_cuda_set_memory(std::size_t bytes);
/// Lets that function of another library fail from here on; "": none.
void null_cuda_refuse(const char* name);
/// For the stubs of other libraries. @return their status, 0 for success
int null_cuda_launches(const char* name);
}
