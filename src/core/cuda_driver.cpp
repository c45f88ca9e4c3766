#include "core/cuda_driver.h"

#include <dlfcn.h>

#include <array>
#include <cstddef>

#include "core/text.h"

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
  int (*error_text)(int error, const char** text) = nullptr;
  bool installed = false;
  std::string fault = {};  // why it is not usable
};

constexpr int compute_capability_major = 75, compute_capability_minor = 76;

template <class Function>
bool find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  return function != nullptr;
}

std::string last_error() {
  const char* const error = dlerror();
  return error != nullptr ? error : "";
}

Driver open_driver() {
  Driver driver;
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    driver.fault = "no NVIDIA driver: " + last_error();
    return driver;
  }
  driver.installed = true;
  const bool whole = find(library, "cuInit", driver.init) &&
                     find(library, "cuDeviceGetCount", driver.device_count) &&
                     find(library, "cuDeviceGetName", driver.device_name) &&
                     find(library, "cuDeviceTotalMem_v2", driver.device_memory) &&
                     find(library, "cuDeviceGetAttribute", driver.device_attribute) &&
                     find(library, "cuGetErrorString", driver.error_text);
  if (!whole) {
    driver.fault = "the NVIDIA driver is not whole: " + last_error();
  } else if (const int error = driver.init(0); error != 0) {
    const char* text = nullptr;
    driver.error_text(error, &text);
    driver.fault = "the NVIDIA driver does not start: error " + std::to_string(error) +
                   (text != nullptr ? std::string(", ") + text : "");
  }
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

const std::string& cuda_driver_fault() {
  return the_driver().fault;
}

int cuda_driver_device_count() {
  int count = 0;
  return the_driver().fault.empty() && the_driver().device_count(&count) == 0 ? count : 0;
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
  return std::string(name.data()) + ", " + gib_text(static_cast<double>(bytes)) + ", compute " +
         std::to_string(major) + "." + std::to_string(minor);
}

}  // namespace velatura
