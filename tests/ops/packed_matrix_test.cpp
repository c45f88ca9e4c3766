#include "ops/matmul/packed_matrix.h"

#include <ATen/Parallel.h>

#include <limits>

#include "ops/op_test.h"

namespace velatura::ops {
namespace {

struct MatrixShape {
  std::int64_t rows, in, out;
  bool with_bias = true;
};

void PrintTo(const MatrixShape& s, std::ostream* out) {
  *out << s.rows << " rows, " << s.in << " to " << s.out << (s.with_bias ? "" : ", no bias");
}

struct MatrixInputs {
  at::Tensor x, weight, bias;

  MatrixInputs to(at::ScalarType dtype) const {
    return {x.to(dtype), weight.to(dtype), bias.defined() ? bias.to(dtype) : bias};
  }
  at::Tensor product() const { return PackedMatrix(weight)(x, bias); }
};

class Matrix : public ::testing::TestWithParam<MatrixShape> {
 protected:
  void SetUp() override {
    if (!PackedMatrix::suits(at::zeros({1, 1}))) GTEST_SKIP() << "needs AVX2, and no AVX-512";
  }

  // That half precision holds.
  static MatrixInputs inputs(at::ScalarType dtype) {
    const MatrixShape& s = GetParam();
    return MatrixInputs{random_tensor({s.rows, s.in}, 1), random_tensor({s.out, s.in}, 2),
                        s.with_bias ? random_tensor({s.out}, 3) : at::Tensor()}
        .to(dtype);
  }
};

TEST_P(Matrix, EqualsLinear) {
  const MatrixInputs given = inputs(at::kFloat), exact = given.to(at::kDouble);
  EXPECT_LE(relative_difference(given.product(), at::linear(exact.x, exact.weight, exact.bias)),
            1e-6);
}

TEST_P(Matrix, IsInHalfPrecisionWhatItIsInFloat32ButRoundedAtTheEnd) {
  for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf}) {
    const MatrixInputs given = inputs(dtype);
    EXPECT_TRUE(at::equal(given.product(), given.to(at::kFloat).product().to(dtype))) << dtype;
  }
}

TEST_P(Matrix, GivesTheSameBitsWithAnyThreadsAndForEachRow) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const MatrixInputs given = inputs(dtype);
    const at::Tensor found = given.product();
    const int threads = at::get_num_threads();
    for (const int others : {1, 2, 3}) {
      at::set_num_threads(others);
      EXPECT_TRUE(at::equal(given.product(), found)) << others;
    }
    at::set_num_threads(threads);
    const std::int64_t last = given.x.size(0) - 1;
    const MatrixInputs alone{given.x.narrow(0, last, 1), given.weight, given.bias};
    EXPECT_TRUE(at::equal(alone.product(), found.narrow(0, last, 1)));
  }
}

// No whole numbers of rows, strips, stretches; one of each; more parts than one of rows and of columns.
INSTANTIATE_TEST_SUITE_P(Shapes, Matrix,
                         ::testing::Values(MatrixShape{1, 1, 1}, MatrixShape{5, 7, 3, false},
                                           MatrixShape{6, 160, 16}, MatrixShape{77, 161, 40},
                                           MatrixShape{2, 320, 1280},
                                           MatrixShape{400, 500, 17, false},
                                           MatrixShape{193, 24, 1000}, MatrixShape{12, 5120, 333}));

TEST(MatrixOf, WhatIsNotFiniteStaysSo) {
  if (!PackedMatrix::suits(at::zeros({1, 1}))) GTEST_SKIP() << "needs AVX2, and no AVX-512";
  const float infinity = std::numeric_limits<float>::infinity(),
              nan = std::numeric_limits<float>::quiet_NaN();
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const at::Tensor one = at::ones({1, 1}, dtype);
    const at::Tensor x = at::tensor({infinity, -infinity, nan, 1.f}).view({4, 1}).to(dtype);
    const at::Tensor y = PackedMatrix(one)(x, {}).to(at::kFloat);
    EXPECT_EQ(y[0].item<float>(), infinity) << dtype;
    EXPECT_EQ(y[1].item<float>(), -infinity) << dtype;
    EXPECT_TRUE(y[2].isnan().item<bool>()) << dtype;
    EXPECT_EQ(y[3].item<float>(), 1) << dtype;
  }
}

TEST(MatrixOf, WhatDoesNotFitIsAnError) {
  if (!PackedMatrix::suits(at::zeros({1, 1}))) GTEST_SKIP() << "needs AVX2, and no AVX-512";
  const PackedMatrix matrix(at::ones({4, 3}));
  EXPECT_THROW(matrix(at::ones({2, 4}), {}), c10::Error);
  EXPECT_THROW(matrix(at::ones({2, 3}, at::kBFloat16), {}), c10::Error);
  EXPECT_EQ(matrix(at::ones({0, 3}), {}).sizes(), (std::vector<std::int64_t>{0, 4}));
}

TEST(MatrixOf, KeepsItsOwnCopyOfTheWeight) {
  if (!PackedMatrix::suits(at::zeros({1, 1}))) GTEST_SKIP() << "needs AVX2, and no AVX-512";
  const at::Tensor x = random_tensor({3, 32}, 1), weight = random_tensor({32, 32}, 2);
  const PackedMatrix matrix(weight);
  const at::Tensor before = matrix(x, {});
  weight.zero_();
  EXPECT_TRUE(at::equal(matrix(x, {}), before));
}

}  // namespace
}  // namespace velatura::ops
