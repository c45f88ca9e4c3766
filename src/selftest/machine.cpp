#include <ATen/ATen.h>

#include <algorithm>

#include "core/device.h"
#include "core/text.h"
#include "selftest/checks.h"
#include "velatura/generator.h"

namespace velatura::selftest {
namespace {

constexpr std::int64_t kOnes = 1 << 20;  // float32 counts that far exactly

}  // namespace

Finding check_versions(at::Device) {
  std::string text = version_text();
  text.resize(text.find("\ndevice "));
  for (std::size_t end = 0; (end = text.find('\n', end)) != std::string::npos;)
    text.replace(end, 1, "; ");
  return passed(text);
}

Finding check_device(at::Device device) {
  const auto sum = at::ones({kOnes}, device).sum().item<float>();
  if (sum != static_cast<float>(kOnes))
    return failed(std::to_string(kOnes) + " ones add up to " + std::to_string(sum));
  return passed(describe_device(device) + ", " +
                gib_text(static_cast<double>(free_memory(device))) + " of memory free");
}

}  // namespace velatura::selftest
