#include "weights/load_strict.h"

#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/formats/safetensors.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using ::testing::AllOf;
using testing::counting;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::refusal;

at::Tensor of_shape(at::IntArrayRef shape) {
  return at::empty({1}).expand(shape);
}

struct Net {
  at::Tensor a = of_shape({2, 3}), b = of_shape({4});
  Parameters parameters = {{"a.weight", a}, {"b.weight", b}};
};

TEST(LoadStrict, EveryHandleSeesTheTensor) {
  const Folder folder;
  const SafetensorsFile file(folder.write(
      "n.safetensors", encoded({{"a.weight", counting({2, 3})}, {"b.weight", counting({4})}})));
  Net net;
  load_strict(net.parameters, file, at::kCPU, at::kFloat);
  EXPECT_TRUE(at::equal(net.a, counting({2, 3})));
  EXPECT_TRUE(at::equal(net.b, counting({4})));
}

// A page in use keeps up to 2 MiB of the file around it resident.
TEST(LoadStrict, OnlyLargeTensorsStayInTheFile) {
  constexpr std::int64_t kSize = (1 << 18) + 1;
  const Folder folder;
  const SafetensorsFile file(folder.write(
      "n.safetensors", encoded({{"a", counting({kSize})}, {"b", counting({kSize - 1})}})));
  const at::Tensor a = of_shape({kSize}), b = of_shape({kSize - 1});
  load_strict({{"a", a}, {"b", b}}, file, at::kCPU, at::kFloat);
  EXPECT_EQ(a.const_data_ptr(), file.load("a").const_data_ptr());
  EXPECT_NE(b.const_data_ptr(), file.load("b").const_data_ptr());
  EXPECT_TRUE(at::equal(a, counting({kSize})));
  EXPECT_TRUE(at::equal(b, counting({kSize - 1})));
}

TEST(LoadStrict, ConvertsBetweenAllFloatingTypes) {
  const Folder folder;
  for (const auto from :
       {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kFloat8_e4m3fn, at::kFloat8_e5m2}) {
    const at::Tensor a = (counting({2, 3}) / 3).to(from), b = counting({4}).to(from);
    const SafetensorsFile file(
        folder.write("n.safetensors", encoded({{"a.weight", a}, {"b.weight", b}})));
    for (const auto to : {at::kFloat, at::kHalf, at::kBFloat16}) {
      Net net;
      load_strict(net.parameters, file, at::kCPU, to);
      EXPECT_EQ(net.a.scalar_type(), to);
      EXPECT_TRUE(at::equal(net.a, a.to(to))) << from << " to " << to;
      EXPECT_TRUE(at::equal(net.b, b.to(to))) << from << " to " << to;
    }
  }
}

// Several pieces and a rest: nothing is lost at their borders.
TEST(LoadStrict, ConvertsLargeTensorsWhole) {
  constexpr std::int64_t kSize = (9 << 20) + 7;
  const Folder folder;
  const SafetensorsFile file(
      folder.write("n.safetensors", encoded({{"weight", counting({kSize}).neg()}})));
  const at::Tensor weight = of_shape({kSize});
  load_strict({{"weight", weight}}, file, at::kCPU, at::kBFloat16);
  EXPECT_TRUE(at::equal(weight, counting({kSize}).neg().to(at::kBFloat16)));
}

TEST(LoadStrict, ListsEverythingThatDoesNotFit) {
  const Folder folder;
  const SafetensorsFile file(
      folder.write("n.safetensors", encoded({{"a.weight", counting({3, 2})},
                                             {"c.weight", counting({1})},
                                             {"c.position_ids", counting({1}, at::kLong)}})));
  Net net;
  EXPECT_THAT(
      refusal([&] { load_strict(net.parameters, file, at::kCPU, at::kFloat, {"*position_ids"}); }),
      AllOf(HasSubstr("n.safetensors: "), HasSubstr("missing (1): b.weight"),
            HasSubstr("unexpected (1): c.weight"), Not(HasSubstr("position_ids")),
            HasSubstr("wrong shape (1): a.weight is [3, 2], expected [2, 3]")));
  EXPECT_THAT(refusal([&] { load_strict(net.parameters, file, at::kCPU, at::kFloat); }),
              HasSubstr("unexpected (2): c.position_ids, c.weight"));
}

TEST(LoadStrict, RefusesIntegers) {
  const Folder folder;
  const SafetensorsFile file(folder.write(
      "n.safetensors",
      encoded({{"a.weight", counting({2, 3}, at::kInt)}, {"b.weight", counting({4})}})));
  Net net;
  EXPECT_THAT(refusal([&] { load_strict(net.parameters, file, at::kCPU, at::kFloat); }),
              HasSubstr("not floating point (1): a.weight is Int"));
}

TEST(LoadStrict, ShortensLongLists) {
  const Folder folder;
  testing::Tensors tensors;
  for (int i = 0; i < 500; ++i) tensors["x" + std::to_string(i)] = counting({1});
  const SafetensorsFile file(folder.write("n.safetensors", encoded(tensors)));
  Net net;
  const auto line = refusal([&] { load_strict(net.parameters, file, at::kCPU, at::kFloat); });
  EXPECT_THAT(line, AllOf(HasSubstr("unexpected (500): x0"), HasSubstr("and 490 more"),
                          HasSubstr("missing (2): a.weight, b.weight")));
  EXPECT_LT(line.size(), 400u);
}

TEST(LoadStrict, ATruncatedFileIsAnError) {
  const Folder folder;
  const auto path = folder.write("n.safetensors", encoded({{"weight", counting({1 << 20})}}));
  const SafetensorsFile file(path);
  std::filesystem::resize_file(path, 8192);
  EXPECT_THAT(refusal([&] {
                load_strict({{"weight", of_shape({1 << 20})}}, file, at::kCPU, at::kBFloat16);
              }),
              HasSubstr("was truncated"));
}

}  // namespace
}  // namespace velatura::weights
