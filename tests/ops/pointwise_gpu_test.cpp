#include <ATen/core/dispatch/Dispatcher.h>

#include "ops/add_bias_residual.h"
#include "ops/add_layer_norm.h"
#include "ops/geglu.h"
#include "ops/gpu_test.h"

namespace velatura::ops {
namespace {

using PointwiseOnGpu = OnGpu;

const std::vector<std::pair<at::ScalarType, double>> kTypes{
    {at::kFloat, 2e-6}, {at::kHalf, 1.0 / 512}, {at::kBFloat16, 1.0 / 64}};

TEST_F(PointwiseOnGpu, HasKernelsOfItsOwn) {
  for (const char* name : {"geglu", "add_bias_residual", "add_layer_norm"}) {
    const auto op = c10::Dispatcher::singleton().findSchemaOrThrow(
        ("velatura::" + std::string(name)).c_str(), "");
    EXPECT_TRUE(op.hasKernelForDispatchKey(c10::DispatchKey::CUDA)) << name;
  }
}

TEST_F(PointwiseOnGpu, GegluEqualsTheCpus) {
  for (const auto& [dtype, tolerance] : kTypes) {
    for (const std::int64_t width : {7, 64}) {
      const at::Tensor x = random_tensor({2, 5, 2 * width}, 1, dtype);
      EXPECT_LE(relative_difference(geglu(x.to(device_)), geglu(x.to(at::kFloat))), tolerance)
          << dtype << width;
    }
  }
}

TEST_F(PointwiseOnGpu, AddBiasResidualEqualsTheCpus) {
  for (const auto& [dtype, tolerance] : kTypes) {
    for (const std::int64_t channels : {5, 32}) {
      for (const auto format : {at::MemoryFormat::ChannelsLast, at::MemoryFormat::Contiguous}) {
        const auto map = [&](int seed) {
          return random_tensor({2, channels, 3, 4}, seed, dtype).contiguous(format);
        };
        const at::Tensor x = map(1), residual = map(2), bias = random_tensor({channels}, 3, dtype);
        const at::Tensor expected =
            x.to(at::kFloat) + residual.to(at::kFloat) + bias.to(at::kFloat).view({1, -1, 1, 1});
        const at::Tensor sum =
            add_bias_residual(x.to(device_), bias.to(device_), residual.to(device_));
        EXPECT_LE(relative_difference(sum, expected), tolerance) << dtype << channels << format;
      }
    }
  }
}

TEST_F(PointwiseOnGpu, AddLayerNormEqualsTheCpus) {
  for (const auto& [dtype, tolerance] : kTypes) {
    for (const std::int64_t channels : {7, 320}) {
      const at::Tensor x = random_tensor({2, 9, channels}, 1, dtype);
      const at::Tensor residual = random_tensor({2, 9, channels}, 2, dtype);
      const at::Tensor weight = random_tensor({channels}, 3, dtype);
      const at::Tensor bias = random_tensor({channels}, 4, dtype);
      const auto [sum, normed] = add_layer_norm(x.to(device_), residual.to(device_),
                                                weight.to(device_), bias.to(device_), 1e-5);
      const at::Tensor whole = x.to(at::kFloat) + residual.to(at::kFloat);
      EXPECT_LE(relative_difference(sum, whole), tolerance) << dtype << channels;
      EXPECT_LE(relative_difference(normed, at::layer_norm(whole, {channels}, weight.to(at::kFloat),
                                                           bias.to(at::kFloat), 1e-5)),
                tolerance)
          << dtype << channels;
    }
  }
}

}  // namespace
}  // namespace velatura::ops
