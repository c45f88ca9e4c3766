#include <vector>

#include "core/device.h"
#include "selftest/checks.h"

namespace velatura::selftest {
namespace {

std::vector<Check> make_checks() {
  std::vector<Check> checks = {
      {"versions", check_versions},       {"device", check_device},
      {"GPU kernels", check_gpu_kernels}, {"GPU graph", check_gpu_graph},
      {"attention", check_attention},     {"convolution", check_convolution},
      {"linear", check_linear},           {"int8", check_int8},
      {"tokenizer", check_tokenizer},     {"samplers", check_samplers}};
  for (const SmallNetwork& network : small_networks()) {
    const std::string name = network.name;
    checks.push_back({name + " figures", [&](at::Device) { return check_figures(network); }});
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
      checks.push_back({name + " " + dtype_name(dtype), [&network, dtype](at::Device device) {
                          return check_network(network, device, dtype);
                        }});
    }
  }
  checks.push_back({"repeat", check_repeat});
  checks.push_back({"png", check_png});
  checks.push_back({"atomic write", check_atomic_write});
  return checks;
}

}  // namespace

std::span<const Check> all_checks() {
  static const std::vector<Check> checks = make_checks();
  return checks;
}

}  // namespace velatura::selftest
