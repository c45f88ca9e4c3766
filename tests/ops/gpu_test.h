#pragma once

#include <gtest/gtest.h>

#include "core/device.h"
#include "ops/op_test.h"
#include "velatura/error.h"

namespace velatura::ops {

/// A test of kernels on a GPU; skipped where there is none.
class OnGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      device_ = choose_placement("cuda", DType::float32).device;
    } catch (const ResourceError& error) {
      GTEST_SKIP() << error.what();
    }
  }

  at::Device device_ = at::kCPU;
};

}  // namespace velatura::ops
