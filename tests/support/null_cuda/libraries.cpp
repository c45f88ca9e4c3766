// cuBLAS, cuBLASLt and cuDNN, of which one is compiled at a time: what they would launch is counted,
// descriptors are made, heuristics find something. Everything else of them is generated and returns 0.

#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {

int null_cuda_launches(const char* name);

#define LAUNCHES(name)                \
  int name() {                        \
    return null_cuda_launches(#name); \
  }

#if defined(NULL_CUBLAS)

int cublasCreate_v2(void** handle) {
  *handle = std::malloc(8);
  return 0;
}
int cublasGetMathMode(void*, int* mode) {
  *mode = 0;
  return 0;
}
int cublasGetPointerMode_v2(void*, int* mode) {
  *mode = 0;
  return 0;
}
LAUNCHES(cublasGemmEx)
LAUNCHES(cublasGemmStridedBatchedEx)
LAUNCHES(cublasSgemm_v2)
LAUNCHES(cublasSgemmEx)
LAUNCHES(cublasSgemmStridedBatched)
LAUNCHES(cublasSgemv_v2)

#elif defined(NULL_CUBLASLT)

struct HeuristicResult {
  std::uint64_t algorithm[8];
  std::size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

int cublasLtMatmulAlgoGetHeuristic(void*, void*, void*, void*, void*, void*, void*, int wanted,
                                   HeuristicResult* results, int* found) {
  std::memset(results, 0, sizeof *results * static_cast<std::size_t>(wanted));
  *found = 1;
  return 0;
}
int make_descriptor(void** descriptor) {
  *descriptor = std::calloc(1, 64);
  return 0;
}
int cublasLtMatmulDescCreate(void** descriptor) {
  return make_descriptor(descriptor);
}
int cublasLtMatmulPreferenceCreate(void** descriptor) {
  return make_descriptor(descriptor);
}
int cublasLtMatrixLayoutCreate(void** descriptor) {
  return make_descriptor(descriptor);
}
LAUNCHES(cublasLtMatmul)

#elif defined(NULL_CUDNN)

std::size_t cudnnGetVersion() {
  return 91900;
}
std::size_t cudnnGetCudartVersion() {
  return 13000;
}
int cudnnCreate(void** handle) {
  *handle = std::malloc(8);
  return 0;
}
const char* cudnnGetErrorString(int) {
  return "the null cuDNN";
}
void cudnnGetLastErrorString(char* message, std::size_t size) {
  if (size > 0) *message = 0;
}
int cudnnGetStream(void*, void** stream) {
  *stream = nullptr;
  return 0;
}
int cudnnBackendCreateDescriptor(int, void** descriptor) {
  *descriptor = std::malloc(8);
  return 0;
}
int cudnnBackendDestroyDescriptor(void* descriptor) {
  std::free(descriptor);
  return 0;
}
int cudnnBackendGetAttribute(void*, int, int type, std::int64_t wanted, std::int64_t* count,
                             void* values) {
  constexpr int int64 = 3, descriptor = 15;  // of cudnnBackendAttributeType_t
  if (count != nullptr) *count = type == int64 || type == descriptor ? 1 : 0;
  if (type != descriptor && values != nullptr && wanted > 0)
    std::memset(values, 0, static_cast<std::size_t>(wanted) * (type == int64 ? 8 : 4));
  return 0;
}
LAUNCHES(cudnnBackendExecute)

#endif
}
