// Streams, events, captures and graphs. What is queued is done at once.

#include <cstdlib>
#include <utility>

#include "support/null_cuda/null_cuda.h"

namespace velatura::null_cuda {
namespace {

/// The one capture that is going on.
struct Capture {
  bool active = false, broken = false;
  cudaStream_t stream = nullptr;
  std::size_t launches = 0;
};
Capture capture;
thread_local cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;

constexpr std::size_t kHandle = 16;

template <class Handle>
cudaError_t make(Handle* handle) {
  *handle = static_cast<Handle>(std::malloc(kHandle));
  return cudaSuccess;
}

}  // namespace

cudaError_t forbidden_in_capture(const std::string& what) {
  if (!capture.active || mode == cudaStreamCaptureModeRelaxed) return cudaSuccess;
  capture.broken = true;
  return refuse(cudaErrorStreamCaptureUnsupported, "in a capture: " + what);
}

cudaError_t wait(const std::string& what) {
  note("wait", what);
  return forbidden_in_capture(what);
}

void launched(const std::string& name) {
  note("launch", name);
  if (capture.active) ++capture.launches;
}

}  // namespace velatura::null_cuda

using namespace velatura::null_cuda;

static std::string refused_function;

void null_cuda_refuse(const char* name) {
  refused_function = name;
}

int null_cuda_launches(const char* name) {
  if (name == refused_function) return 1;
  launched(name);
  return 0;
}

extern "C" {

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned, int) {
  return make(stream);
}

cudaError_t cudaStreamDestroy(cudaStream_t) {
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t) {
  return wait("stream");
}

cudaError_t cudaDeviceSynchronize() {
  return wait("device");
}

cudaError_t cudaStreamQuery(cudaStream_t) {
  return forbidden_in_capture("cudaStreamQuery");
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return make(event);
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return make(event);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  std::free(event);
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t) {
  return wait("event");
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t, cudaEvent_t) {
  *milliseconds = 1;
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  *status = capture.active && stream == capture.stream ? cudaStreamCaptureStatusActive
                                                       : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}

cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus* status,
                                     unsigned long long* id, cudaGraph_t* graph,
                                     const cudaGraphNode_t** dependencies,
                                     const cudaGraphEdgeData** edges, std::size_t* count) {
  cudaStreamIsCapturing(stream, status);
  if (id != nullptr) *id = 1;
  if (graph != nullptr) *graph = nullptr;
  if (dependencies != nullptr) *dependencies = nullptr;
  if (edges != nullptr) *edges = nullptr;
  if (count != nullptr) *count = 0;
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  note("capture", "begun");
  capture = {.active = true, .stream = stream};
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  capture.active = false;
  make(graph);
  if (capture.broken) return refuse(cudaErrorStreamCaptureInvalidated, "a broken capture");
  note("capture", "ended");
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* other) {
  std::swap(*other, mode);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* instance, cudaGraph_t,
                                          unsigned long long) {
  return make(instance);
}

cudaError_t cudaGraphGetNodes(cudaGraph_t, cudaGraphNode_t*, std::size_t* count) {
  *count = capture.launches;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t) {
  launched("graph");
  return cudaSuccess;
}
}
