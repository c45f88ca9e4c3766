#include "core/cuda_driver.h"

#include <dlfcn.h>

#include <array>
#include <cstddef>
#include <cstdio>

namespace velatura {
namespace {

// The driver's C interface, which is the same for every version of CUDA; a build needs no toolkit
// for it. All return 0 for success; a device is its number.
struct Driver {
  int (*init)(unsigned flags) = nullptr;
  int (*device_count)(int* count) = nullptr;
  int (*device_name)(char* name, int size, int device) = nullptr;
  int (*device_memory)(std::size_t* bytes, int device) = nullptr;
  int (*device_attribute)(int* value, int attribute, int device) = nullptr;
  bool installed = false;
  bool usable = false;
};

constexpr int compute_capability_major = 75, compute_capability_minor = 76;

template <class Function>
bool find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  return function != nullptr;
}

Driver open_driver() {
  Driver driver;
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return driver;
  driver.installed = true;
  driver.usable = find(library, "cuInit", driver.init) &&
                  find(library, "cuDeviceGetCount", driver.device_count) &&
                  find(library, "cuDeviceGetName", driver.device_name) &&
                  find(library, "cuDeviceTotalMem_v2", driver.device_memory) &&
                  find(library, "cuDeviceGetAttribute", driver.device_attribute) &&
                  driver.init(0) == 0;
  return driver;
}

const Driver& the_driver() {
  static const Driver driver = open_driver();
  return driver;
}

}  // namespace

bool has_nvidia_driver() {
  return the_driver().installed;
}

int cuda_driver_device_count() {
  int count = 0;
  return the_driver().usable && the_driver().device_count(&count) == 0 ? count : 0;
}

std::string cuda_driver_device_description(int index) {
  const Driver& driver = the_driver();
  std::array<char, 256> name{};
  std::size_t bytes = 0;
  int major = 0, minor = 0;
  driver.device_name(name.data(), static_cast<int>(name.size()) - 1, index);
  driver.device_memory(&bytes, index);
  driver.device_attribute(&major, compute_capability_major, index);
  driver.device_attribute(&minor, compute_capability_minor, index);
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%s, %.1f GiB, compute %d.%d", name.data(),
                static_cast<double>(bytes) / (1 << 30), major, minor);
  return text.data();
}

}  // namespace velatura
