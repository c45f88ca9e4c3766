#include "ops/matmul/packed_matrix.h"

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
    expect_with_any_threads(found, [&] { return given.product(); });
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

// With weights held as int8, beside at::linear with what they stand for.
class Int8Matrix : public Matrix {
 protected:
  void SetUp() override {
    if (!computes_with_int8()) GTEST_SKIP() << "needs AVX2";
  }

  static at::Tensor product(const MatrixInputs& given) {
    return PackedMatrix(given.weight, WeightForm::int8)(given.x, given.bias);
  }
};

TEST_P(Int8Matrix, EqualsLinearWithTheWeightsThatItHolds) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const MatrixInputs given = inputs(dtype), exact = given.to(at::kDouble);
    const at::Tensor found = product(given);
    ASSERT_EQ(found.scalar_type(), dtype);
    const double rounding = dtype == at::kFloat ? 0 : dtype == at::kBFloat16 ? 0x1p-8 : 0x1p-11;
    EXPECT_LE(relative_difference(
                  found, at::linear(exact.x, from_int8(to_int8(given.weight)), exact.bias)),
              1e-4 + rounding)
        << dtype;
  }
}

TEST_P(Int8Matrix, GivesTheSameBitsWithAnyThreadsAndForEachRow) {
  const MatrixInputs given = inputs(at::kBFloat16);
  const at::Tensor found = product(given);
  expect_with_any_threads(found, [&] { return product(given); });
  const std::int64_t last = given.x.size(0) - 1;
  EXPECT_TRUE(at::equal(product({given.x.narrow(0, last, 1), given.weight, given.bias}),
                        found.narrow(0, last, 1)));
}

INSTANTIATE_TEST_SUITE_P(Shapes, Int8Matrix,
                         ::testing::Values(MatrixShape{1, 1, 1}, MatrixShape{5, 7, 3, false},
                                           MatrixShape{6, 320, 16}, MatrixShape{77, 321, 40},
                                           MatrixShape{2, 320, 1280},
                                           MatrixShape{400, 500, 17, false},
                                           MatrixShape{193, 24, 1000}, MatrixShape{12, 5120, 333}));

TEST(Int8MatrixOf, LargestNumbersIsExact) {
  if (!computes_with_int8()) GTEST_SKIP() << "needs AVX2";
  for (const float sign : {1.f, -1.f}) {
    const at::Tensor x = at::full({3, 640}, 12345.f), weight = at::full({16, 640}, sign * 3);
    const at::Tensor y = PackedMatrix(weight, WeightForm::int8)(x, {});
    EXPECT_LE(relative_difference(y, at::full({3, 16}, sign * 3 * 12345.f * 640)), 1e-6);
  }
}

TEST(Int8MatrixOf, WhatIsNotFiniteIsNoNumber) {
  if (!computes_with_int8()) GTEST_SKIP() << "needs AVX2";
  const float infinity = std::numeric_limits<float>::infinity(),
              nan = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor x = at::tensor({infinity, nan, 0.f, 1e-38f, 1.f}).view({5, 1});
  const at::Tensor y = PackedMatrix(at::ones({2, 1}), WeightForm::int8)(x, {});
  for (const std::int64_t row : {0, 1}) EXPECT_TRUE(y[row].isnan().all().item<bool>());
  EXPECT_LE(
      relative_difference(y.slice(0, 2), at::tensor({0.f, 0.f, 1.f}).view({3, 1}).expand({3, 2})),
      1e-6);
  const at::Tensor weight = at::tensor({infinity, nan, 0.f}).view({3, 1});
  const at::Tensor z = PackedMatrix(weight, WeightForm::int8)(at::ones({1, 1}), {});
  EXPECT_TRUE(z[0].slice(0, 0, 2).isnan().all().item<bool>());
  EXPECT_EQ(z[0][2].item<float>(), 0);
}

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
