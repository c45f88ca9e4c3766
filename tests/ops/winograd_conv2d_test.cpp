#include "ops/winograd/winograd_conv2d.h"

#include <limits>

#include "ops/onednn.h"
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

  ConvInputs to(at::ScalarType dtype) const {
    return {x.to(dtype), weight.to(dtype), bias.defined() ? bias.to(dtype) : bias};
  }
};

ConvInputs conv_inputs(const PictureShape& s) {
  return {random_tensor({s.batch, s.in, s.height, s.width}, 1)
              .contiguous(at::MemoryFormat::ChannelsLast),
          random_tensor({s.out, s.in, 3, 3}, 2),
          s.with_bias ? random_tensor({s.out}, 3) : at::Tensor()};
}

class Winograd : public ::testing::TestWithParam<PictureShape> {
 protected:
  void SetUp() override {
    if (!WinogradConv2d::suits(at::zeros({16, 16, 3, 3}))) GTEST_SKIP() << "needs AVX2";
  }
};

at::Tensor exact_conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::conv2d(x.to(at::kDouble), weight.to(at::kDouble),
                    bias.defined() ? bias.to(at::kDouble) : bias, 1, 1);
}

constexpr double kWinogradError = 5e-6, kInt8WinogradError = 5e-3;

TEST_P(Winograd, EqualsConv2d) {
  const auto [x, weight, bias] = conv_inputs(GetParam());
  ASSERT_TRUE(WinogradConv2d::suits(weight));
  const WinogradConv2d conv(weight, bias);
  const at::Tensor found = conv(x);
  EXPECT_TRUE(found.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LE(relative_difference(found, exact_conv2d(x, weight, bias)), kWinogradError);
  EXPECT_LE(relative_difference(conv.unbiased(x), exact_conv2d(x, weight, {})), kWinogradError);
}

TEST_P(Winograd, IsInHalfPrecisionWhatItIsInFloat32ButRoundedAtTheEnd) {
  const auto [x, weight, bias] = conv_inputs(GetParam());
  for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf}) {
    if (!WinogradConv2d::suits(weight.to(dtype))) continue;  // oneDNN computes in it
    const ConvInputs given{x.to(dtype), weight.to(dtype), bias.defined() ? bias.to(dtype) : bias};
    const at::Tensor wide_bias = bias.defined() ? given.bias.to(at::kFloat) : bias;
    const at::Tensor wide =
        WinogradConv2d(given.weight.to(at::kFloat), wide_bias)(given.x.to(at::kFloat));
    const at::Tensor found = WinogradConv2d(given.weight, given.bias)(given.x);
    ASSERT_EQ(found.scalar_type(), dtype);
    const double rounding = dtype == at::kBFloat16 ? 0x1p-8 : 0x1p-11;
    const at::Tensor beyond =
        (found.to(at::kDouble) - wide.to(at::kDouble)).abs() - rounding * wide.abs();
    EXPECT_LE(beyond.max().item<double>(), kWinogradError * wide.abs().max().item<double>())
        << dtype;
  }
}

TEST_P(Winograd, OfADoubledPictureHasTheBitsOfOneThatWasDoubledBefore) {
  const auto [x, weight, bias] = conv_inputs(GetParam());
  const WinogradConv2d conv(weight, bias);
  const at::Tensor doubled = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  EXPECT_TRUE(at::equal(conv.of_doubled(x), conv(doubled)));
}

TEST_P(Winograd, GivesTheSameBitsWithAnyThreadsAndForEachPicture) {
  const auto [x, weight, bias] = conv_inputs(GetParam());
  const WinogradConv2d conv(weight, bias);
  const at::Tensor found = conv(x);
  expect_with_any_threads(found, [&] { return conv(x); });
  const auto last = x.size(0) - 1;
  EXPECT_TRUE(at::equal(conv(x.narrow(0, last, 1)), found.narrow(0, last, 1)));
}

// With weights held as int8, beside a convolution with what they stand for.
TEST_P(Winograd, WithInt8WeightsIsThatOfWhatTheyStandFor) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const ConvInputs given = conv_inputs(GetParam()).to(dtype);
    ASSERT_TRUE(WinogradConv2d::suits(given.weight, WeightForm::int8));
    const at::Tensor held = from_int8(to_int8(given.weight));
    const WinogradConv2d conv(given.weight, given.bias, WeightForm::int8);
    const at::Tensor found = conv(given.x);
    EXPECT_EQ(found.scalar_type(), dtype);
    const double allowed = kInt8WinogradError + (dtype == at::kBFloat16 ? 0x1p-8 : 0);
    EXPECT_LE(relative_difference(found, exact_conv2d(given.x, held, given.bias)), allowed)
        << dtype;
    EXPECT_LE(relative_difference(conv.unbiased(given.x), exact_conv2d(given.x, held, {})), allowed)
        << dtype;
  }
}

TEST_P(Winograd, WithInt8WeightsGivesTheSameBitsWithAnyThreadsForEachPictureAndDoubled) {
  const auto [x, weight, bias] = conv_inputs(GetParam());
  const WinogradConv2d conv(weight, bias, WeightForm::int8);
  const at::Tensor found = conv(x);
  expect_with_any_threads(found, [&] { return conv(x); });
  const auto last = x.size(0) - 1;
  EXPECT_TRUE(at::equal(conv(x.narrow(0, last, 1)), found.narrow(0, last, 1)));
  const at::Tensor doubled = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  EXPECT_TRUE(at::equal(conv.of_doubled(x), conv(doubled)));
}

TEST_P(Winograd, WithInt8WeightsPassesOnWhatIsNotFinite) {
  ConvInputs given = conv_inputs(GetParam());
  given.x[0][3][0][0] = std::numeric_limits<float>::infinity();
  const WinogradConv2d conv(given.weight, given.bias, WeightForm::int8);
  EXPECT_FALSE(conv(given.x)[0].isfinite().all().item<bool>());
}

// Tiles at the edges are cut, groups of channels are not full, sums are added up from parts, and the last but
// one has so many tiles that they are seen in parts.
INSTANTIATE_TEST_SUITE_P(
    Shapes, Winograd,
    ::testing::Values(PictureShape{16, 16, 2, 2}, PictureShape{16, 16, 1, 1, 2},
                      PictureShape{48, 32, 17, 16, 3}, PictureShape{32, 80, 1, 37},
                      PictureShape{64, 48, 9, 33, 2, false}, PictureShape{320, 320, 24, 24, 2},
                      PictureShape{1280, 640, 6, 6, 2}, PictureShape{2560, 320, 5, 7},
                      PictureShape{32, 16, 200, 173, 3}, PictureShape{4096, 176, 4, 3, 1, false}));

TEST(WinogradIn, PackedConv2dGivesTheSameBitsAfterOtherSizes) {
  const ConvInputs large = conv_inputs({64, 64, 32, 32, 2}), small = conv_inputs({64, 64, 8, 8, 2});
  const auto after = [&](const at::Tensor& first) {
    const PackedConv2d conv(large.weight, large.bias, {1, 1}, {1, 1}, first.sizes());
    conv(first);
    return conv;
  };
  for (const at::Tensor& x : {large.x, small.x}) {
    const at::Tensor expected = after(x)(x);
    EXPECT_TRUE(at::equal(after(large.x)(x), expected));
    EXPECT_TRUE(at::equal(after(small.x)(x), expected));
    EXPECT_TRUE(at::equal(after(x)(x.narrow(0, 1, 1)), expected.narrow(0, 1, 1)));
    if (WinogradConv2d::suits(large.weight)) {
      EXPECT_TRUE(at::equal(WinogradConv2d(large.weight, large.bias)(x), expected));
    }
  }
}

TEST(WinogradIn, WhatItIsNotMadeForGoesThePlainWay) {
  EXPECT_FALSE(WinogradConv2d::suits(at::zeros({16, 16, 1, 1})));
  EXPECT_FALSE(WinogradConv2d::suits(at::zeros({16, 8, 3, 3})));
  EXPECT_FALSE(WinogradConv2d::suits(at::zeros({4, 16, 3, 3})));
  EXPECT_FALSE(onednn_computes(at::kBFloat16) &&
               WinogradConv2d::suits(at::zeros({16, 16, 3, 3}, at::kBFloat16)));
  const ConvInputs inputs = conv_inputs({16, 16, 32, 32});
  const PackedConv2d by_two(inputs.weight, {}, {2, 2}, {1, 1}, inputs.x.sizes());
  const PackedConv2d unpadded(inputs.weight, {}, {1, 1}, {0, 0}, inputs.x.sizes());
  EXPECT_LE(relative_difference(by_two(inputs.x), at::conv2d(inputs.x, inputs.weight, {}, 2, 1)),
            1e-6);
  EXPECT_LE(relative_difference(unpadded(inputs.x), at::conv2d(inputs.x, inputs.weight)), 1e-6);
}

}  // namespace
}  // namespace velatura::ops
