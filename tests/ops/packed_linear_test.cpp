#include "ops/packed_linear.h"

#include "ops/op_test.h"

namespace velatura::ops {
namespace {

void expect_parity(at::ScalarType dtype, double tolerance) {
  for (const bool with_bias : {true, false}) {
    const at::Tensor weight = random_tensor({48, 40}, 1, dtype);
    const at::Tensor bias = with_bias ? random_tensor({48}, 2, dtype) : at::Tensor();
    const PackedLinear linear(weight, bias);
    for (const std::vector<std::int64_t>& shape :
         {std::vector<std::int64_t>{40}, {1, 40}, {2, 77, 40}, {2, 3, 5, 40}}) {
      const at::Tensor x = random_tensor(shape, 3, dtype);
      const at::Tensor expected = at::linear(x.to(at::kDouble), weight.to(at::kDouble),
                                             with_bias ? bias.to(at::kDouble) : bias);
      EXPECT_EQ(linear(x).scalar_type(), dtype);
      EXPECT_LE(relative_difference(linear(x), expected), tolerance) << at::IntArrayRef(shape);
    }
    const at::Tensor strided = random_tensor({40, 2, 7}, 4, dtype).permute({1, 2, 0});
    EXPECT_LE(relative_difference(linear(strided), at::linear(strided, weight, bias)), tolerance);
  }
}

TEST(PackedLinear, EqualsLinearInFloat32) {
  expect_parity(at::kFloat, 1e-6);
}
TEST(PackedLinear, EqualsLinearInBfloat16) {
  expect_parity(at::kBFloat16, 1.0 / 128);
}
TEST(PackedLinear, EqualsLinearInFloat16) {
  expect_parity(at::kHalf, 1.0 / 1024);
}

}  // namespace
}  // namespace velatura::ops
