#include "weights/sources/inverted_source.h"

#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/formats/safetensors.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using testing::counting;
using ::testing::ElementsAre;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;

const std::vector<NameRule> kRules{
    {"plain", "p", Transform::none},         {"conv", "s", Transform::squeeze},
    {"norm", "v", Transform::squeeze},       {"turned", "t", Transform::transpose},
    {"fused", "k", Transform::second_third}, {"fused", "q", Transform::first_third},
    {"fused", "w", Transform::last_third},   {"other spelling", "p", Transform::none},
};

class Inverted : public ::testing::Test {
 protected:
  std::shared_ptr<const WeightSource> source(const testing::Tensors& tensors) {
    return std::make_shared<SafetensorsFile>(folder.write("s.safetensors", encoded(tensors)));
  }
  const testing::Tensors tensors{{"p", counting({2, 2})},    {"s", counting({2, 3})},
                                 {"v", counting({4})},       {"t", counting({2, 3})},
                                 {"q", counting({1, 2})},    {"k", counting({1, 2}) + 2},
                                 {"w", counting({1, 2}) + 4}};
  Folder folder;
};

TEST_F(Inverted, UndoesEveryTransform) {
  const InvertedSource inverted(source(tensors), kRules);
  EXPECT_THAT(inverted.names(), ElementsAre("conv", "fused", "norm", "plain", "turned"));
  const std::map<std::string, at::Tensor> expected{{"plain", counting({2, 2})},
                                                   {"conv", counting({2, 3, 1, 1})},
                                                   {"norm", counting({4})},
                                                   {"turned", counting({2, 3}).t()},
                                                   {"fused", counting({3, 2})}};
  for (const auto& [name, tensor] : expected) {
    EXPECT_EQ(inverted.find(name)->shape, tensor.sizes().vec()) << name;
    EXPECT_TRUE(at::equal(inverted.load(name), tensor)) << name;
    EXPECT_TRUE(inverted.load(name).is_contiguous()) << name;
  }
  EXPECT_FALSE(inverted.find("other spelling"));
  EXPECT_FALSE(inverted.find("p"));
  EXPECT_THAT(refusal([&] { inverted.load("p"); }), HasSubstr("'p'"));
}

TEST_F(Inverted, IsTheSameAgainWhenRenamed) {
  const RenamedSource again(std::make_shared<InvertedSource>(source(tensors), kRules), kRules);
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(at::equal(again.load(name), tensor)) << name;
  }
}

TEST_F(Inverted, LeavesOutWhatIsNotAllThere) {
  auto fewer = tensors;
  fewer.erase("k");
  EXPECT_FALSE(InvertedSource(source(fewer), kRules).find("fused"));
}

TEST_F(Inverted, RefusesPartsThatDoNotFit) {
  for (const at::Tensor& odd : {counting({2, 2}), counting({1, 2}, at::kHalf)}) {
    auto wrong = tensors;
    wrong["k"] = odd;
    EXPECT_THAT(refusal([&] { InvertedSource(source(wrong), kRules); }),
                AllOf(HasSubstr("k is "), HasSubstr("q is [1, 2]")));
  }
  auto scalars = tensors;
  for (const char* name : {"q", "k", "w"}) scalars[name] = at::scalar_tensor(1.0);
  EXPECT_THAT(refusal([&] { InvertedSource(source(scalars), kRules); }), HasSubstr("q is []"));
}

}  // namespace
}  // namespace velatura::weights
