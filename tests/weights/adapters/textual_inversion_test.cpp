#include "weights/adapters/textual_inversion.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/pickles.h"
#include "weights/tensors.h"

namespace velatura::weights {
namespace {

using namespace velatura::testing;
using ::testing::AllOf;
using testing::counting;
using testing::encoded;
using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;
using testing::Tensors;

class EmbeddingFile : public ::testing::Test {
 protected:
  TextualInversion read(const std::string& bytes, std::int64_t width = 4) {
    return read_textual_inversion(folder_.write("toy.bin", bytes), width).value();
  }
  std::string refused(const Tensors& tensors, std::int64_t width = 4) {
    const auto file = folder_.write("toy.bin", encoded(tensors));
    const std::string reading = refusal([&] { read_textual_inversion(file, width); });
    EXPECT_EQ(reading, refusal([&] { check_textual_inversion(file, width); }));
    return reading;
  }
  Folder folder_;
};

TEST_F(EmbeddingFile, OfDiffusersNamesItsToken) {
  const auto several = read(encoded({{"<cat-toy>", counting({3, 4}, at::kHalf)}}));
  EXPECT_EQ(several.token, "<cat-toy>");
  EXPECT_TRUE(at::equal(several.vectors, counting({3, 4})));
  const auto one = read(encoded({{"x", counting({4})}}));
  EXPECT_TRUE(at::equal(one.vectors, counting({1, 4})));
}

TEST_F(EmbeddingFile, OfWebUisDoesNot) {
  const auto tensors = encoded({{"emb_params", counting({2, 4})}});
  EXPECT_EQ(read(tensors).token, "");
  EXPECT_TRUE(at::equal(read(tensors).vectors, counting({2, 4})));

  std::string floats;
  for (int i = 0; i < 8; ++i) {
    const float value = static_cast<float>(i);
    floats.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  const std::string vectors = tensor(storage("0", 8), 0, {2, 4}, {4, 1});
  const std::string object =
      dict({text("string_to_token"), dict({text("*"), integer(265)}), text("string_to_param"),
            dict({text("*"), vectors}), text("name"), text("another"), text("step"), integer(9)});
  const auto pickled = read(torch_zip(pickle(object), {{"0", floats}}).bytes());
  EXPECT_EQ(pickled.token, "");
  EXPECT_TRUE(at::equal(pickled.vectors, counting({2, 4})));
}

// As the method's own program saves it: a ParameterDict, and tokens that are tensors, too.
TEST_F(EmbeddingFile, OfTheOriginalProgramIsAParameterDict) {
  const std::string floats(8 * sizeof(float), '\0'), token(8, '\1');
  const auto made = [&](const std::string& state) {
    const std::string object =
        dict({text("string_to_token"),
              dict({text("*"), tensor(storage("1", 1, "LongStorage"), 0, {}, {})}),
              text("string_to_param"),
              global("torch.nn.modules.container", "ParameterDict") + ")\x81" + state + "b"});
    return torch_zip(pickle(object), {{"0", floats}, {"1", token}}).bytes();
  };
  const std::string vectors = tensor(storage("0", 8), 0, {2, 4}, {4, 1});
  const auto found = read(made(dict({text("training"), "\x88", text("_parameters"),
                                     dict({text("*"), vectors}), text("_buffers"), "}"})));
  EXPECT_EQ(found.token, "");
  EXPECT_TRUE(at::equal(found.vectors, at::zeros({2, 4})));
  EXPECT_THAT(refusal([&] { read(made("N")); }), HasSubstr("the state of a ParameterDict"));
}

TEST_F(EmbeddingFile, OfAnotherKindOrWidthIsRefused) {
  EXPECT_THAT(refused({{"clip_l", counting({1, 4})}, {"clip_g", counting({1, 8})}}),
              HasSubstr("toy.bin: an embedding for SDXL"));
  EXPECT_THAT(refused({{"x", counting({1, 1024})}}, 768),
              AllOf(HasSubstr("width 1024 (Stable Diffusion 2.x)"),
                    HasSubstr("has 768 (Stable Diffusion 1.x)")));
  EXPECT_THAT(refused({{"a", counting({4})}, {"b", counting({4})}}),
              HasSubstr("expected a textual inversion embedding"));
  EXPECT_THAT(refused({{"lora_te_a.lora_up.weight", counting({4})},
                       {"lora_te_a.lora_down.weight", counting({4})}}),
              HasSubstr("--lora takes such a file"));
  EXPECT_THAT(refused({{"a", counting({1, 1, 4})}}), HasSubstr("[1, 1, 4]"));
  EXPECT_THAT(refused({{"a", counting({1, 4}, at::kLong)}}), HasSubstr("not an embedding"));
}

}  // namespace
}  // namespace velatura::weights
