#include "families/graphed_call.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "core/device.h"

namespace velatura::families {
namespace {

class GraphedCalls : public ::testing::Test {
 protected:
  // factor * (x + lasting), or without the latter.
  double called(double x, double factor = 2) {
    at::Tensor changing = at::full({3}, x, device);
    const auto outputs = call({{&changing}, {&lasting}, {factor}}, [&]() -> GraphedCall::Outputs {
      ++calls;
      return {(lasting.defined() ? changing + lasting : changing) * factor};
    });
    return outputs.front().cpu()[1].item<double>();
  }

  at::Device device = choose_placement("cuda", DType::automatic).device;
  at::Tensor lasting = at::ones({3}, device);
  GraphedCall call;
  int calls = 0;
};

TEST_F(GraphedCalls, AreReplayedFromTheThirdOn) {
  for (int i = 0; i < 8; ++i) EXPECT_EQ(called(i), 2 * (i + 1)) << i;
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(call.refusal(), "");
}

TEST_F(GraphedCalls, SeeAnotherTensorInTheLastingOnesPlace) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(called(i), 2 * (i + 1));
  for (const double other : {5.0, 5.0, 9.0}) {
    lasting = at::full({3}, other, device);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(called(i), 2 * (i + other));
  }
  EXPECT_EQ(calls, 3);
}

TEST_F(GraphedCalls, OfOtherNumbersOrTensorsAreOfAnotherKind) {
  const at::Tensor one = lasting;
  for (int round = 0; round < 4; ++round) {
    EXPECT_EQ(called(round, 2), 2 * (round + 1));
    EXPECT_EQ(called(round, 3), 3 * (round + 1));
    lasting = at::Tensor();
    EXPECT_EQ(called(round, 2), 2 * round);
    lasting = at::full({3}, 4, at::TensorOptions(device).dtype(at::kInt));
    EXPECT_EQ(called(round, 2), 2 * (round + 4));
    lasting = one;
  }
  EXPECT_EQ(calls, 4 * 3);
}

TEST_F(GraphedCalls, AreGraphsOfAFewKindsOnly) {
  for (int round = 0; round < 5; ++round) {
    for (int factor = 1; factor <= 6; ++factor) EXPECT_EQ(called(1, factor), 2 * factor);
  }
  EXPECT_EQ(calls, 4 * 3 + 2 * 5);
}

// Calls go on as they are, also those that were replayed, and it is said why.
TEST_F(GraphedCalls, GoOnWhereSomethingCannotBeRecorded) {
  for (int i = 0; i < 4; ++i) called(i);
  for (int i = 0; i < 5; ++i) {
    at::Tensor x = at::full({3}, i, device);
    const auto outputs = call({.changing = {&x}, .lasting = {}}, [&]() -> GraphedCall::Outputs {
      return {x * x.max().item<double>()};
    });
    EXPECT_TRUE(at::equal(outputs.front().cpu(), at::full({3}, 1.0 * i * i))) << i;
    EXPECT_TRUE(at::equal(x.cpu(), at::full({3}, 1.0 * i))) << i;
    EXPECT_EQ(call.refusal().empty(), i < 2) << i;
  }
  EXPECT_THAT(call.refusal(), ::testing::HasSubstr("item"));
  EXPECT_EQ(called(7), 16);
  EXPECT_EQ(calls, 3 + 1);
}

}  // namespace
}  // namespace velatura::families
