#include "ops/geglu.h"

#include <limits>

#include "ops/op_test.h"

namespace velatura::ops {
namespace {

at::Tensor reference(const at::Tensor& projected) {
  const auto halves = projected.to(at::kDouble).chunk(2, -1);
  return halves[0] * at::gelu(halves[1]);
}

TEST(Geglu, GatesTheFirstHalfByTheSecond) {
  for (const auto& [dtype, tolerance] :
       {std::pair{at::kFloat, 1e-6}, {at::kBFloat16, 1.0 / 256}, {at::kHalf, 1.0 / 512}}) {
    for (const std::vector<std::int64_t>& shape :
         {std::vector<std::int64_t>{2, 77, 2560}, {3, 10}, {1, 1, 2}, {5, 300, 34}}) {
      const at::Tensor projected = random_tensor(shape, 1, dtype) * 3;
      const at::Tensor out = geglu(projected);
      EXPECT_EQ(out.scalar_type(), dtype);
      EXPECT_LE(relative_difference(out, reference(projected)), tolerance)
          << dtype << at::IntArrayRef(shape);
    }
  }
}

TEST(Geglu, TakesAnInputThatIsNotContiguous) {
  const at::Tensor projected = random_tensor({12, 9}, 2).t();
  EXPECT_LE(relative_difference(geglu(projected), reference(projected)), 1e-6);
}

TEST(Geglu, IsAccurateAtEveryGate) {
  const at::Tensor gate = at::linspace(-12, 12, 100001);
  const at::Tensor out = geglu(at::stack({at::ones_like(gate), gate}, -1)).view({-1});
  const at::Tensor expected = at::gelu(gate.to(at::kDouble));
  EXPECT_LE(((out - expected).abs() / (gate.abs() + 1e-3)).max().item<double>(), 3e-7);
}

TEST(Geglu, PassesNanAndInfinityOn) {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor out =
        geglu(at::tensor({nan, 1.f, 1.f, nan, infinity, 1.f}).view({3, 2}).to(dtype));
    EXPECT_FALSE(out.isfinite().any().item<bool>());
  }
}

TEST(Geglu, RefusesAnOddWidth) {
  EXPECT_THROW(geglu(at::zeros({2, 3})), c10::Error);
}

}  // namespace
}  // namespace velatura::ops
