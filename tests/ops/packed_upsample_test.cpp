#include "ops/packed_upsample.h"

#include "ops/onednn.h"
#include "ops/op_test.h"

namespace velatura::ops {
namespace {

struct UpsampleShape {
  std::int64_t in, out, height, width;
  bool with_bias = true;
};

void PrintTo(const UpsampleShape& c, std::ostream* out) {
  *out << c.in << " to " << c.out << ", " << c.height << "x" << c.width
       << (c.with_bias ? "" : ", no bias");
}

class PackedUpsampleCase
    : public ::testing::TestWithParam<std::tuple<UpsampleShape, at::MemoryFormat>> {
 protected:
  void expect_parity(at::ScalarType dtype, double tolerance) const {
    const auto& [c, format] = GetParam();
    const at::Tensor weight = random_tensor({c.out, c.in, 3, 3}, 1, dtype);
    const at::Tensor bias = c.with_bias ? random_tensor({c.out}, 2, dtype) : at::Tensor();
    const at::Tensor x = random_tensor({2, c.in, c.height, c.width}, 3, dtype).contiguous(format);
    const PackedUpsample upsample(weight, bias, std::nullopt);
    // Doubled, then as where a side was odd, then at a size the weight was not laid out for.
    expect_near(upsample, weight, bias, x, {2 * c.height, 2 * c.width}, tolerance);
    expect_near(upsample, weight, bias, x, {2 * c.height - 1, 2 * c.width}, tolerance);
    expect_near(upsample, weight, bias, x, {2 * c.height - 1, 2 * c.width - 1}, tolerance);
    const at::Tensor other =
        random_tensor({1, c.in, c.height + 3, c.width + 1}, 4, dtype).contiguous(format);
    expect_near(upsample, weight, bias, other, {2 * c.height + 6, 2 * c.width + 2}, tolerance);
  }

 private:
  static void expect_near(const PackedUpsample& upsample, const at::Tensor& weight,
                          const at::Tensor& bias, const at::Tensor& x, at::IntArrayRef size,
                          double tolerance) {
    const at::Tensor out = upsample(x, size);
    EXPECT_EQ(out.scalar_type(), x.scalar_type());
    const at::Tensor expected =
        at::conv2d(at::upsample_nearest2d(x.to(at::kDouble), size), weight.to(at::kDouble),
                   bias.defined() ? bias.to(at::kDouble) : bias, 1, 1);
    EXPECT_LE(relative_difference(out, expected), tolerance) << size;
  }
};

TEST_P(PackedUpsampleCase, EqualsNearestNeighboursThenConv2dInFloat32) {
  const UpsampleShape& c = std::get<0>(GetParam());
  expect_parity(at::kFloat, WinogradConv2d::suits(at::empty({c.out, c.in, 3, 3})) ? 5e-6 : 2e-6);
}
TEST_P(PackedUpsampleCase, EqualsNearestNeighboursThenConv2dInBfloat16) {
  expect_parity(at::kBFloat16, 1.0 / 64);
}
TEST_P(PackedUpsampleCase, EqualsNearestNeighboursThenConv2dInFloat16) {
  expect_parity(at::kHalf, 1.0 / 512);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, PackedUpsampleCase,
    ::testing::Combine(::testing::Values(UpsampleShape{32, 32, 8, 8}, UpsampleShape{16, 48, 5, 7},
                                         UpsampleShape{3, 5, 1, 1}, UpsampleShape{64, 64, 1, 9},
                                         UpsampleShape{20, 20, 16, 4, false}),
                       ::testing::Values(at::MemoryFormat::Contiguous,
                                         at::MemoryFormat::ChannelsLast)));

TEST(PackedUpsample, KeepsItsOwnCopyOfTheWeight) {
  ASSERT_TRUE(onednn_computes(at::kFloat));
  const at::Tensor x = random_tensor({1, 8, 6, 6}, 1);
  at::Tensor weight = random_tensor({8, 8, 3, 3}, 2);
  const PackedUpsample upsample(weight, {}, std::nullopt);
  EXPECT_FALSE(upsample.holds(weight));
  const at::Tensor doubled = upsample(x, {12, 12});
  weight.zero_();
  EXPECT_TRUE(at::equal(upsample(x, {12, 12}), doubled));
  EXPECT_GT(upsample(x, {11, 11}).abs().max().item<float>(), 0);
}

TEST(PackedUpsample, GivesOtherSizesTheSameBitsWhateverCameBefore) {
  const at::Tensor x = random_tensor({1, 8, 6, 6}, 1, at::kBFloat16),
                   weight = random_tensor({8, 8, 3, 3}, 2, at::kBFloat16);
  const PackedUpsample odd_first(weight, {}, std::nullopt), odd_last(weight, {}, std::nullopt);
  const at::Tensor odd = odd_first(x, {11, 11}), doubled = odd_last(x, {12, 12});
  EXPECT_TRUE(at::equal(odd_last(x, {11, 11}), odd));
  EXPECT_TRUE(at::equal(odd_first(x, {12, 12}), doubled));
}

TEST(PackedUpsample, GivesTheSameBitsInEveryLayout) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor weight = random_tensor({384, 32, 3, 3}, 2, dtype);
    for (const std::int64_t side : {4, 32}) {
      const at::Tensor x =
          random_tensor({2, 32, side, side}, 1, dtype).contiguous(at::MemoryFormat::ChannelsLast);
      const auto with = [&](std::int64_t suited) {
        const PackedUpsample upsample(weight, {},
                                      std::array<std::int64_t, 4>{2, 32, suited, suited});
        return upsample(x, {2 * side, 2 * side});
      };
      EXPECT_TRUE(at::equal(with(4), with(32))) << dtype << " " << side;
    }
  }
}

}  // namespace
}  // namespace velatura::ops
