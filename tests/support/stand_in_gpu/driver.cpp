// libcuda.so.1 of a machine with stand-ins, or (STAND_IN_DRIVER_ERROR) of one whose driver does not
// start.

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace {

int number(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::atoi(text) : otherwise;
}

constexpr int kComputeCapabilityMajor = 75;

}  // namespace

extern "C" {

int cuInit(unsigned) {
  return number("STAND_IN_DRIVER_ERROR", 0);
}

int cuGetErrorString(int, const char** text) {
  *text = "the reason of the stand-in";
  return 0;
}

int cuDeviceGetCount(int* count) {
  *count = number("STAND_IN_DEVICES", 2);
  return 0;
}

int cuDeviceGetName(char* name, int size, int) {
  std::strncpy(name, "stand-in", static_cast<std::size_t>(size));
  return 0;
}

int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
  const char* const text = std::getenv("STAND_IN_MEMORY");
  *bytes = text != nullptr ? std::strtoull(text, nullptr, 10) : std::size_t{80} << 30;
  return 0;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == kComputeCapabilityMajor ? 9 : 0;
  return 0;
}
}
