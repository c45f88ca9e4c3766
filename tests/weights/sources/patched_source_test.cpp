#include "weights/sources/patched_source.h"

#include "weights/files.h"
#include "weights/memory_source.h"

namespace velatura::weights {
namespace {

using testing::counting;
using testing::MemorySource;
using testing::refusal;

Patch adding(const std::string& name, double scale, const at::Tensor& delta) {
  return {name, [=](at::Tensor& sum, const at::Tensor&) { sum.add_(delta, scale); }};
}

std::shared_ptr<const WeightSource> base(at::ScalarType dtype) {
  return std::make_shared<MemorySource>(testing::Tensors{{"a", counting({2, 3}).to(dtype)},
                                                         {"b", counting({4}).to(dtype)},
                                                         {"ids", counting({2}, at::kLong)}});
}

TEST(PatchedSource, AddsEveryPatchTimesItsScale) {
  const PatchedSource patched(
      base(at::kFloat), {adding("a", 0.5, at::ones({2, 3})), adding("a", -2, counting({2, 3}))});
  EXPECT_TRUE(at::equal(patched.load("a"), 0.5 - counting({2, 3})));
  EXPECT_TRUE(at::equal(patched.load("b"), counting({4})));
  EXPECT_EQ(patched.names(), (std::vector<std::string>{"a", "b", "ids"}));
}

TEST(PatchedSource, SumsInFloat32WhateverIsStored) {
  const auto small = at::full({2, 3}, 1e-4);
  for (const auto dtype : {at::kHalf, at::kBFloat16, at::kFloat}) {
    const PatchedSource patched(base(dtype), {adding("a", 1, small)});
    EXPECT_EQ(patched.find("a")->dtype, at::kFloat);
    EXPECT_EQ(patched.find("b")->dtype, dtype);
    EXPECT_TRUE(at::equal(patched.load("a"), counting({2, 3}).add(small))) << dtype;
  }
}

TEST(PatchedSource, ShowsEveryPatchTheStoredWeight) {
  const auto doubled = [](at::Tensor& sum, const at::Tensor& weight) {
    EXPECT_EQ(weight.scalar_type(), at::kHalf);
    sum.add_(weight);
  };
  const PatchedSource patched(base(at::kHalf), {{"a", doubled}, {"a", doubled}});
  EXPECT_TRUE(at::equal(patched.load("a"), 3 * counting({2, 3})));
}

TEST(PatchedSource, LeavesTheBaseAlone) {
  const auto below = base(at::kFloat);
  const PatchedSource patched(below, {adding("a", 1, at::ones({2, 3}))});
  patched.load("a");
  EXPECT_TRUE(at::equal(below->load("a"), counting({2, 3})));
}

TEST(PatchedSource, NamesAllThatIsNotThere) {
  const auto none = [](const std::string& name) { return adding(name, 1, at::ones({1})); };
  EXPECT_EQ(refusal([&] {
              PatchedSource(base(at::kFloat), {none("c"), none("a"), none("ids")});
            }),
            "memory: there is no weight to patch (2): c, ids");
}

}  // namespace
}  // namespace velatura::weights
