#include "families/graphed_call.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "core/device.h"

namespace velatura::families {
namespace {

// The stand-in has no graphs: calls go on as they are, and it is said why.
TEST(GraphedCall, GoesOnWhereNothingCanBeRecorded) {
  const at::Device device = choose_placement("cuda", DType::automatic).device;
  int calls = 0;
  GraphedCall call([&](const GraphedCall::Inputs& inputs) {
    ++calls;
    return inputs[0] * 2 + inputs[1];
  });
  for (int i = 0; i < 5; ++i) {
    const at::Tensor x = at::full({3}, i, device), y = at::ones({3}, device);
    EXPECT_TRUE(at::equal(call({x, y}).cpu(), at::full({3}, 2.0 * i + 1))) << i;
    EXPECT_EQ(call.refusal().empty(), i < 2) << i;
  }
  EXPECT_EQ(calls, 5);
  EXPECT_THAT(call.refusal(), ::testing::HasSubstr("libvelatura_cuda_graph.so"));
}

}  // namespace
}  // namespace velatura::families
