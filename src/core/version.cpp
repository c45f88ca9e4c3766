#include "core/version.h"

#include <string>

#include "core/cuda_driver.h"
#include "core/device.h"
#include "revision.h"
#include "velatura/error.h"

#if defined(__clang__)
#define VELATURA_COMPILER "Clang " __clang_version__
#else
#define VELATURA_COMPILER "GCC " __VERSION__
#endif

namespace velatura {
namespace {

std::string cuda_devices() {
  std::string lines;
  try {
    for (int index = 0;; ++index) {
      const auto placement = choose_placement("cuda:" + std::to_string(index), DType::automatic);
      lines += "\ndevice " + describe_device(placement.device);
    }
  } catch (const ResourceError&) {
    return lines;  // one past the last
  }
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
  const bool driver = has_nvidia_driver();
  const std::string devices = driver ? cuda_devices() : "";
  std::string text = std::string("velatura ") + version() +
                     " (" VELATURA_REVISION VELATURA_BUILD_TYPE ", " VELATURA_COMPILER
                     ")\nlibtorch " +
                     libtorch_version() + "\nCUDA ";
  text += std::string(VELATURA_TORCH_CUDA).empty() ? "none in this libtorch" : VELATURA_TORCH_CUDA;
  text += ", velatura's kernels ";
  text += VELATURA_HAS_KERNELS ? "built" : "not built";
  if (!driver) {
    text += ", no NVIDIA driver on this machine";
  } else if (devices.empty()) {
    text += ", no usable device";
  }
  return text + "\ndevice " + describe_device(at::kCPU) + devices;
}

}  // namespace velatura
