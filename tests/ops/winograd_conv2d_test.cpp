#include "ops/winograd/winograd_conv2d.h"

#include <ATen/Parallel.h>

#include "ops/op_test.h"
#include "ops/packed_conv2d.h"

namespace velatura::ops {
namespace {

struct PictureShape {
  std::int64_t in, out, height, width, batch = 1;
  bool with_bias = true;
};

void PrintTo(const PictureShape& s, std::ostream* out) {
  *out << s.batch << " of " << s.in << " to " << s.out << ", " << s.height << " by " << s.width
       << (s.with_bias ? "" : ", no bias");
}

struct ConvInputs {
  at::Tensor x, weight, bias;
};

ConvInputs conv_inputs(const PictureShape& s) {
  return {random_tensor({s.batch, s.in, s.height, s.width}, 1)
              .contiguous(at::MemoryFormat::ChannelsLast),
          random_tensor({s.out, s.in, 3, 3}, 2),
          s.with_bias ? random_tensor({s.out}, 3) : at::Tensor()};
}

class WinogradConv2d : public ::testing::TestWithParam<PictureShape> {
 protected:
  void SetUp() override {
    if (!suits_winograd(at::zeros({16, 16, 3, 3}))) GTEST_SKIP() << "needs AVX2";
  }
};

TEST_P(WinogradConv2d, ErrsNoMoreThanThePlainWay) {
  const auto [x, weight, bias] = conv_inputs(GetParam());
  ASSERT_TRUE(suits_winograd(weight));
  const auto in = [&](at::ScalarType dtype) {
    return at::conv2d(x.to(dtype), weight.to(dtype), bias.defined() ? bias.to(dtype) : bias, 1, 1);
  };
  const at::Tensor exact = in(at::kDouble), found = winograd_conv2d(x, weight, bias);
  EXPECT_TRUE(found.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LE(relative_difference(found, exact),
            std::max(1.2 * relative_difference(in(at::kFloat), exact), 5e-7));
}

TEST_P(WinogradConv2d, GivesTheSameBitsWithAnyThreadsAndForEachPicture) {
  const auto [x, weight, bias] = conv_inputs(GetParam());
  const at::Tensor found = winograd_conv2d(x, weight, bias);
  const int threads = at::get_num_threads();
  for (const int others : {1, 2, 3}) {
    at::set_num_threads(others);
    EXPECT_TRUE(at::equal(winograd_conv2d(x, weight, bias), found)) << others;
  }
  at::set_num_threads(threads);
  const auto last = x.size(0) - 1;
  EXPECT_TRUE(
      at::equal(winograd_conv2d(x.narrow(0, last, 1), weight, bias), found.narrow(0, last, 1)));
}

// The last three are computed in parts of their output channels, the very last with a rest of a strip.
INSTANTIATE_TEST_SUITE_P(
    Shapes, WinogradConv2d,
    ::testing::Values(PictureShape{16, 16, 2, 2}, PictureShape{16, 16, 1, 1, 2},
                      PictureShape{48, 32, 17, 16, 3}, PictureShape{32, 80, 1, 37},
                      PictureShape{64, 48, 9, 33, 2, false}, PictureShape{320, 320, 24, 24, 2},
                      PictureShape{1280, 640, 6, 6, 2}, PictureShape{2560, 320, 5, 7},
                      PictureShape{4096, 176, 4, 3, 1, false}));

// The way goes by the picture's size alone, whatever was computed before.
TEST(WinogradConv2dIn, PackedConv2dGivesTheSameBitsAfterOtherSizes) {
  const ConvInputs large = conv_inputs({64, 64, 32, 32, 2}), small = conv_inputs({64, 64, 8, 8, 2});
  const auto after = [&](const at::Tensor& first) {
    return PackedConv2d(large.weight, large.bias, {1, 1}, {1, 1}, first.sizes());
  };
  for (const at::Tensor& x : {large.x, small.x}) {
    const at::Tensor expected = after(x)(x);
    EXPECT_TRUE(at::equal(after(large.x)(x), expected));
    EXPECT_TRUE(at::equal(after(small.x)(x), expected));
    EXPECT_TRUE(at::equal(after(x)(x.narrow(0, 1, 1)), expected.narrow(0, 1, 1)));
  }
  if (suits_winograd(large.weight)) {
    EXPECT_TRUE(
        at::equal(after(small.x)(large.x), winograd_conv2d(large.x, large.weight, large.bias)));
    EXPECT_FALSE(
        at::equal(after(large.x)(small.x), winograd_conv2d(small.x, large.weight, large.bias)));
  }
}

TEST(WinogradConv2dIn, WhatItIsNotMadeForGoesThePlainWay) {
  EXPECT_FALSE(suits_winograd(at::zeros({16, 16, 1, 1})));
  EXPECT_FALSE(suits_winograd(at::zeros({16, 8, 3, 3})));
  EXPECT_FALSE(suits_winograd(at::zeros({4, 16, 3, 3})));
  EXPECT_FALSE(suits_winograd(at::zeros({16, 16, 3, 3}, at::kBFloat16)));
  const ConvInputs inputs = conv_inputs({16, 16, 32, 32});
  const PackedConv2d by_two(inputs.weight, {}, {2, 2}, {1, 1}, inputs.x.sizes());
  const PackedConv2d unpadded(inputs.weight, {}, {1, 1}, {0, 0}, inputs.x.sizes());
  EXPECT_LE(relative_difference(by_two(inputs.x), at::conv2d(inputs.x, inputs.weight, {}, 2, 1)),
            1e-6);
  EXPECT_LE(relative_difference(unpadded(inputs.x), at::conv2d(inputs.x, inputs.weight)), 1e-6);
}

}  // namespace
}  // namespace velatura::ops
