#include "ops/packed_conv2d.h"

#include "ops/onednn.h"
#include "ops/op_test.h"

namespace velatura::ops {
namespace {

struct ConvShape {
  std::int64_t in, out, kernel, stride, size;
  bool with_bias = true;
};

void PrintTo(const ConvShape& a_case, std::ostream* out) {
  *out << a_case.in << " to " << a_case.out << ", kernel " << a_case.kernel << ", stride "
       << a_case.stride << ", size " << a_case.size << (a_case.with_bias ? "" : ", no bias");
}

class PackedConv2dCase : public ::testing::TestWithParam<std::tuple<ConvShape, at::MemoryFormat>> {
 protected:
  void expect_parity(at::ScalarType dtype, double tolerance) const {
    const auto& [c, format] = GetParam();
    const std::int64_t pad = c.kernel / 2;
    const at::Tensor x = random_tensor({2, c.in, c.size, c.size}, 1, dtype).contiguous(format);
    const at::Tensor weight = random_tensor({c.out, c.in, c.kernel, c.kernel}, 2, dtype);
    const at::Tensor bias = c.with_bias ? random_tensor({c.out}, 3, dtype) : at::Tensor();
    const PackedConv2d conv(weight, bias, {c.stride, c.stride}, {pad, pad}, x.sizes());
    const auto reference = [&](const at::Tensor& input) {
      return at::conv2d(input.to(at::kDouble), weight.to(at::kDouble),
                        bias.defined() ? bias.to(at::kDouble) : bias, {c.stride, c.stride},
                        {pad, pad});
    };
    EXPECT_EQ(conv(x).scalar_type(), dtype);
    EXPECT_LE(relative_difference(conv(x), reference(x)), tolerance);
    // A size the weight was not laid out for.
    const at::Tensor other =
        random_tensor({1, c.in, c.size + 3, c.size + 6}, 4, dtype).contiguous(format);
    EXPECT_LE(relative_difference(conv(other), reference(other)), tolerance);
  }
};

TEST_P(PackedConv2dCase, EqualsConv2dInFloat32) {
  const ConvShape& c = std::get<0>(GetParam());
  const bool by_winograd =
      c.stride == 1 && WinogradConv2d::suits(at::empty({c.out, c.in, c.kernel, c.kernel}));
  expect_parity(at::kFloat, by_winograd ? 5e-6 : 1e-6);
}
TEST_P(PackedConv2dCase, EqualsConv2dInBfloat16) {
  expect_parity(at::kBFloat16, 1.0 / 128);
}
TEST_P(PackedConv2dCase, EqualsConv2dInFloat16) {
  expect_parity(at::kHalf, 1.0 / 1024);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, PackedConv2dCase,
    ::testing::Combine(
        ::testing::Values(ConvShape{4, 32, 3, 1, 16}, ConvShape{32, 48, 3, 2, 15},
                          ConvShape{64, 32, 1, 1, 8}, ConvShape{32, 4, 3, 1, 16},
                          ConvShape{5, 7, 3, 1, 9}, ConvShape{16, 16, 3, 1, 4, false}),
        ::testing::Values(at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast)));

TEST(PackedConv2d, KeepsItsOwnCopyOfTheWeight) {
  ASSERT_TRUE(onednn_computes(at::kFloat));
  const at::Tensor x = random_tensor({1, 8, 6, 6}, 1);
  at::Tensor weight = random_tensor({8, 8, 3, 3}, 2);
  const PackedConv2d conv(weight, {}, {1, 1}, {1, 1}, x.sizes());
  const at::Tensor before = conv(x);
  weight.zero_();
  EXPECT_TRUE(at::equal(conv(x), before));
}

// So that a picture is the same whatever was drawn before it.
TEST(PackedConv2d, GivesTheSameBitsInEveryLayout) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor weight = random_tensor({384, 64, 3, 3}, 2, dtype);
    for (const std::int64_t side : {4, 32}) {
      const at::Tensor x =
          random_tensor({2, 64, side, side}, 1, dtype).contiguous(at::MemoryFormat::ChannelsLast);
      const auto with = [&](std::int64_t suited) {
        return PackedConv2d(weight, {}, {1, 1}, {1, 1},
                            std::array<std::int64_t, 4>{2, 64, suited, suited})(x);
      };
      EXPECT_TRUE(at::equal(with(4), with(32))) << dtype << " " << side;
    }
  }
}

}  // namespace
}  // namespace velatura::ops
