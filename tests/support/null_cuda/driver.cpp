// libcuda.so.1: what velatura and libtorch ask a driver before they ask the runtime.

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace {

std::size_t number(const char* name, std::size_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

constexpr int kComputeCapabilityMajor = 75, kComputeCapabilityMinor = 76;

}  // namespace

extern "C" {

int cuInit(unsigned) {
  return 0;
}
int cuGetErrorString(int, const char** text) {
  *text = "no error";
  return 0;
}
int cuDeviceGetCount(int* count) {
  *count = static_cast<int>(number("NULL_CUDA_DEVICES", 1));
  return 0;
}
int cuDeviceGetName(char* name, int size, int) {
  std::strncpy(name, "null GPU", static_cast<std::size_t>(size));
  return 0;
}
int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
  *bytes = number("NULL_CUDA_MEMORY", std::size_t{80} << 30);
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  const auto compute = static_cast<int>(number("NULL_CUDA_COMPUTE", 90));
  *value = attribute == kComputeCapabilityMajor   ? compute / 10
           : attribute == kComputeCapabilityMinor ? compute % 10
                                                  : 0;
  return 0;
}
int cuDevicePrimaryCtxGetState(int, unsigned* flags, int* active) {
  *flags = 0;
  *active = 1;
  return 0;
}
int cuCtxGetCurrent(void** context) {
  *context = reinterpret_cast<void*>(8);
  return 0;
}
}
