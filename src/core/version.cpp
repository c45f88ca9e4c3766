#include "core/version.h"

#include <string>

#include "core/cuda_devices.h"
#include "core/cuda_driver.h"
#include "core/cuda_libraries.h"
#include "core/device.h"
#include "revision.h"

#if defined(__clang__)
#define VELATURA_COMPILER "Clang " __clang_version__
#else
#define VELATURA_COMPILER "GCC " __VERSION__
#endif

namespace velatura {
namespace {

std::string device_lines() {
  std::string lines = "\ndevice " + describe_device(at::kCPU);
  for (int index = 0; index < cuda_devices().count; ++index) {
    lines += "\ndevice " + describe_device({at::kCUDA, static_cast<at::DeviceIndex>(index)});
  }
  return lines;
}

// They are opened only where there is a device.
std::string kernels() {
  if (!velatura_cuda_is_built()) return "not built";
  if (cuda_devices().count == 0) return "built";
  return velatura_cuda().open ? "open" : "not open: " + velatura_cuda().why_not;
}

}  // namespace

const char* version() {
  return VELATURA_VERSION;
}

const char* revision_date() {
  return VELATURA_DATE;
}

const char* libtorch_version() {
  return VELATURA_LIBTORCH;
}

std::string version_text() {
  std::string text = std::string("velatura ") + version() +
                     " (" VELATURA_REVISION VELATURA_BUILD_TYPE ", " VELATURA_COMPILER
                     ")\nlibtorch " +
                     libtorch_version() + "\nCUDA ";
  text += std::string(VELATURA_TORCH_CUDA).empty() ? "none in this libtorch" : VELATURA_TORCH_CUDA;
  text += ", velatura's kernels " + kernels();
  if (!has_nvidia_driver()) {
    text += ", no NVIDIA driver on this machine";
  } else if (cuda_devices().count == 0) {
    text += ", no usable device: " + cuda_devices().why_none;
  }
  return text + device_lines();
}

}  // namespace velatura
