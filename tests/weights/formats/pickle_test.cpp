#include "weights/formats/pickle.h"

#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/formats/pickle_in.h"
#include "weights/pickles.h"

namespace velatura::weights {
namespace {

using namespace velatura::testing;
using namespace std::string_literals;
using ::testing::ElementsAre;
using testing::pickle_in;

template <class T>
T value_of(const std::string& body) {
  const std::string bytes = pickle(body, 4);
  const Pickle read_back = pickle_in(bytes);
  EXPECT_EQ(read_back.size, bytes.size());
  const T* value = get_if<T>(read_back.root);
  EXPECT_NE(value, nullptr) << body;
  return value ? *value : T{};
}

TEST(Pickle, ReadsNumbers) {
  EXPECT_EQ(value_of<std::int64_t>("K\xff"), 255);
  EXPECT_EQ(value_of<std::int64_t>("M\x01\x02"), 513);
  EXPECT_EQ(value_of<std::int64_t>("J\xfe\xff\xff\xff"), -2);
  EXPECT_EQ(value_of<std::int64_t>("\x8a\x00"s), 0);
  EXPECT_EQ(value_of<std::int64_t>("\x8a\x01\x80"), -128);
  EXPECT_EQ(value_of<std::int64_t>("\x8a\x02\x80\x00"s), 128);
  EXPECT_EQ(value_of<std::int64_t>(integer(std::numeric_limits<std::int64_t>::min())),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value_of<double>("G\xc0\x04\x00\x00\x00\x00\x00\x00"s), -2.5);
  EXPECT_EQ(value_of<bool>("\x88"), true);
  EXPECT_EQ(value_of<bool>("\x89"), false);
  value_of<PickledNone>("N");
  value_of<PickledLong>("\x8a\x09" + std::string(9, '\xff'));
}

TEST(Pickle, ReadsTexts) {
  for (const std::string& opcode :
       {"X"s + little(3, 4), "\x8c\x03"s, "\x8d" + little(3, 8), "U\x03"s}) {
    const std::string bytes = pickle(opcode + "abc");
    EXPECT_EQ(*get_if<std::string_view>(pickle_in(bytes).root), "abc");
  }
  for (const std::string& opcode : {"B"s + little(3, 4), "C\x03"s}) {
    const std::string bytes = pickle(opcode + "abc");
    EXPECT_EQ(get_if<PickledBytes>(pickle_in(bytes).root)->bytes, "abc");
  }
}

TEST(Pickle, ReadsContainers) {
  const auto size_of = [](const std::string& body) {
    const Pickle pickled = pickle_in(pickle(body, 4));
    if (const auto* dict = get_if<PickledDict>(pickled.root)) return dict->items.size();
    return get_if<PickledSequence>(pickled.root)->items.size();
  };
  EXPECT_EQ(size_of(")"), 0u);
  EXPECT_EQ(size_of("N\x85"), 1u);
  EXPECT_EQ(size_of("NN\x86"), 2u);
  EXPECT_EQ(size_of("NNN\x87"), 3u);
  EXPECT_EQ(size_of("(NNNNt"), 4u);
  EXPECT_EQ(size_of("](NNe"), 2u);
  EXPECT_EQ(size_of("]NaNaNa"), 3u);
  EXPECT_EQ(size_of("\x8f(NN\x90"), 2u);
  EXPECT_EQ(size_of("}K\x01Ns"), 1u);
  EXPECT_EQ(size_of("}(K\x01NK\x02Nu"), 2u);
  EXPECT_EQ(size_of(kOrderedDict + ")R(K\x01Nu}b"), 1u);
}

TEST(Pickle, ReadsWhatIsRemembered) {
  for (const std::string& again :
       {"q\x05h\x05"s, "q\x05j\x05\0\0\0"s, "r\x05\0\0\0h\x05"s, "\x94h\0"s}) {
    const Pickle pickled = pickle_in(pickle("K\x07" + again + "\x86", 4));
    const auto* pair = get_if<PickledSequence>(pickled.root);
    ASSERT_NE(pair, nullptr);
    EXPECT_EQ(*get_if<std::int64_t>(pair->items[1]), 7);
  }
}

TEST(Pickle, StructuresMayContainThemselves) {
  const Pickle list = pickle_in(pickle("]q\0h\0a"s));
  EXPECT_EQ(get_if<PickledSequence>(list.root)->items.size(), 1u);
  const Pickle dict = pickle_in(pickle("}q\0K\x01h\0s"s));
  EXPECT_EQ(get_if<PickledDict>(dict.root)->items.size(), 1u);
  const Pickle crossed = pickle_in(pickle("]q\0]q\1h\0ah\0h\1a\x87"s));
  EXPECT_EQ(get_if<PickledSequence>(crossed.root)->items.size(), 3u);
}

TEST(Pickle, ReadsTensors) {
  const std::string bytes = pickle(tensor(storage("7", 12, "HalfStorage"), 1, {2, 3}, {3, 1}));
  const Pickle pickled = pickle_in(bytes);
  const auto* read_back = get_if<PickledTensor>(pickled.root);
  ASSERT_NE(read_back, nullptr);
  EXPECT_EQ(read_back->dtype, at::kHalf);
  EXPECT_EQ(read_back->offset, 1);
  EXPECT_THAT(read_back->shape, ElementsAre(2, 3));
  EXPECT_THAT(read_back->strides, ElementsAre(3, 1));
  EXPECT_EQ(read_back->storage->key, "7");
  EXPECT_EQ(read_back->storage->numel, 12);
}

TEST(Pickle, LeftoversBecomePlaceholders) {
  for (const std::string& body : {kInert + ")R", kInert + "K\x01\x85R", kInert + ")\x81",
                                  kInert + ")R}b", global("__builtin__", "set") + "]\x85R",
                                  "\x8c\x05numpy\x8c\x05"
                                  "dtype\x93)R"s}) {
    value_of<PickledPlaceholder>(body);
  }
}

}  // namespace
}  // namespace velatura::weights
