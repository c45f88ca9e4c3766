#include "weights/sources/patched_source.h"

#include "weights/files.h"
#include "weights/memory_source.h"

namespace velatura::weights {
namespace {

using testing::counting;
using testing::MemorySource;
using testing::refusal;

std::function<at::Tensor()> given(const at::Tensor& delta) {
  return [delta] { return delta; };
}

std::shared_ptr<const WeightSource> base(at::ScalarType dtype) {
  return std::make_shared<MemorySource>(testing::Tensors{{"a", counting({2, 3}).to(dtype)},
                                                         {"b", counting({4}).to(dtype)},
                                                         {"ids", counting({2}, at::kLong)}});
}

TEST(PatchedSource, AddsEveryPatchTimesItsScale) {
  const PatchedSource patched(
      base(at::kFloat), {{"a", 0.5, given(at::ones({2, 3}))}, {"a", -2, given(counting({2, 3}))}});
  EXPECT_TRUE(at::equal(patched.load("a"), 0.5 - counting({2, 3})));
  EXPECT_TRUE(at::equal(patched.load("b"), counting({4})));
  EXPECT_EQ(patched.names(), (std::vector<std::string>{"a", "b", "ids"}));
}

TEST(PatchedSource, SumsInFloat32WhateverIsStored) {
  const auto small = at::full({2, 3}, 1e-4);
  for (const auto dtype : {at::kHalf, at::kBFloat16, at::kFloat}) {
    const PatchedSource patched(base(dtype), {{"a", 1, given(small.to(at::kDouble))}});
    EXPECT_EQ(patched.find("a")->dtype, at::kFloat);
    EXPECT_EQ(patched.find("b")->dtype, dtype);
    EXPECT_TRUE(at::equal(patched.load("a"), counting({2, 3}).add(small))) << dtype;
  }
  const PatchedSource exact(base(at::kDouble), {{"a", 1, given(small)}});
  EXPECT_EQ(exact.find("a")->dtype, at::kDouble);
  EXPECT_EQ(exact.load("a").scalar_type(), at::kDouble);
}

TEST(PatchedSource, LeavesTheBaseAlone) {
  const auto below = base(at::kFloat);
  const PatchedSource patched(below, {{"a", 1, given(at::ones({2, 3}))}});
  patched.load("a");
  EXPECT_TRUE(at::equal(below->load("a"), counting({2, 3})));
}

TEST(PatchedSource, NamesAllThatIsNotThere) {
  const auto none = given(at::ones({1}));
  EXPECT_EQ(refusal([&] {
              PatchedSource(base(at::kFloat), {{"c", 1, none}, {"a", 1, none}, {"ids", 1, none}});
            }),
            "memory: there is no weight to patch (2): c, ids");
}

}  // namespace
}  // namespace velatura::weights
