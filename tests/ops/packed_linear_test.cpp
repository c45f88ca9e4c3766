#include "ops/packed_linear.h"

#include "ops/onednn.h"
#include "ops/op_test.h"

namespace velatura::ops {
namespace {

void expect_parity(at::ScalarType dtype, double tolerance) {
  for (const auto& [width, with_bias] :
       {std::pair<std::int64_t, bool>{40, true}, {40, false}, {1400, true}, {1400, false}}) {
    const at::Tensor weight = random_tensor({48, width}, 1, dtype);
    const at::Tensor bias = with_bias ? random_tensor({48}, 2, dtype) : at::Tensor();
    const PackedLinear linear(weight, bias);
    for (const std::vector<std::int64_t>& shape :
         {std::vector<std::int64_t>{width}, {1, width}, {2, 77, width}, {2, 3, 5, width}}) {
      const at::Tensor x = random_tensor(shape, 3, dtype);
      const at::Tensor expected = at::linear(x.to(at::kDouble), weight.to(at::kDouble),
                                             with_bias ? bias.to(at::kDouble) : bias);
      EXPECT_EQ(linear(x).scalar_type(), dtype);
      EXPECT_LE(relative_difference(linear(x), expected), tolerance) << at::IntArrayRef(shape);
    }
    const at::Tensor strided = random_tensor({width, 2, 7}, 4, dtype).permute({1, 2, 0});
    EXPECT_LE(relative_difference(linear(strided), at::linear(strided, weight, bias)), tolerance);
  }
}

TEST(PackedLinear, EqualsLinearInFloat32) {
  expect_parity(at::kFloat, 4e-6);
}
TEST(PackedLinear, EqualsLinearInBfloat16) {
  expect_parity(at::kBFloat16, 1.0 / 128);
}
TEST(PackedLinear, EqualsLinearInFloat16) {
  expect_parity(at::kHalf, 1.0 / 1024);
}

TEST(PackedLinear, LaysLargeWeightsOutInEveryType) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor large = random_tensor({256, 256}, 1, dtype);
    EXPECT_EQ(PackedLinear(large, {}).holds(large),
              !onednn_computes(dtype) && !PackedMatrix::suits(large))
        << dtype;
  }
  const at::Tensor small = random_tensor({64, 64}, 1);
  EXPECT_EQ(PackedLinear(small, {}).holds(small), !PackedMatrix::suits(small));
}

}  // namespace
}  // namespace velatura::ops
