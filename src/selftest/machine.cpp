#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/device.h"
#include "selftest/checks.h"
#include "velatura/generator.h"

namespace velatura::selftest {
namespace {

constexpr std::int64_t kOnes = 1 << 20;  // float32 counts that far exactly

std::string gib_text(std::uint64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f GiB", static_cast<double>(bytes) / (1 << 30));
  return text.data();
}

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
  return passed(describe_device(device) + ", " + gib_text(free_memory(device)) + " of memory free");
}

}  // namespace velatura::selftest
