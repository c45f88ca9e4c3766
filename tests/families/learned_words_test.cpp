#include "families/learned_words.h"

#include <gmock/gmock.h>

#include "velatura/error.h"
#include "weights/files.h"
#include "weights/tensors.h"

namespace velatura::families {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using weights::testing::counting;
using weights::testing::encoded;
using weights::testing::Folder;
using weights::testing::Tensors;

PlacedEncoder encoder(std::int64_t width, TextEncoderPlace place) {
  PlacedEncoder encoder{{}, place};
  encoder.config.hidden_size = width;
  return encoder;
}

class Words : public ::testing::Test {
 protected:
  EmbeddingUse file(const std::string& name, const Tensors& tensors,
                    const std::string& token = "") {
    return {.token = token, .file = folder_.write(name, encoded(tensors))};
  }
  static std::string refusal(const std::vector<EmbeddingUse>& uses,
                             const std::vector<PlacedEncoder>& encoders) {
    try {
      check_learned_words(uses, encoders);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  Folder folder_;
  const std::vector<PlacedEncoder> one_ = {encoder(768, TextEncoderPlace::only)};
  const std::vector<PlacedEncoder> two_ = {encoder(768, TextEncoderPlace::clip_l),
                                           encoder(1280, TextEncoderPlace::clip_g)};
  const std::vector<PlacedEncoder> refiner_ = {encoder(1280, TextEncoderPlace::clip_g)};
  const EmbeddingUse both_ =
      file("both.safetensors", {{"clip_l", counting({2, 768})}, {"clip_g", counting({2, 1280})}});
  const EmbeddingUse first_ = file("first.safetensors", {{"emb_params", counting({2, 768})}}, "x"),
                     second_ = file("second.safetensors", {{"<x>", counting({1280})}}, "x"),
                     sd2_ = file("sd2.safetensors", {{"<y>", counting({1, 1024})}});
};

TEST_F(Words, AreTaughtToEachEncoderByOneFileOrTwo) {
  EXPECT_EQ(refusal({first_}, one_), "");
  for (const auto* encoders : {&two_, &refiner_}) {
    EXPECT_EQ(refusal({both_}, *encoders), "");
    EXPECT_EQ(refusal({first_, second_, both_}, *encoders), "");
  }
  EXPECT_THAT(refusal({both_, both_}, two_), HasSubstr("two embeddings have this name"));
}

TEST_F(Words, OfOneEncoderAloneAreRefusedWhereThereAreTwo) {
  EXPECT_EQ(refusal({first_}, two_),
            first_.file.string() +
                ": an embedding for one text encoder, made for Stable Diffusion 1.x; the model's "
                "are 768 and 1280 wide, and each needs its own: clip_l and clip_g in one file, or "
                "two files under one name");
  EXPECT_THAT(refusal({both_, second_}, two_), HasSubstr("second.safetensors: an embedding for"));
  EXPECT_THAT(refusal({sd2_}, two_), HasSubstr("width 1024 (Stable Diffusion 2.x)"));
  EXPECT_THAT(refusal({first_}, refiner_), HasSubstr("width 768 (Stable Diffusion 1.x)"));
}

TEST_F(Words, OfTwoEncodersAreRefusedWhereThereIsOne) {
  EXPECT_THAT(refusal({both_}, one_),
              AllOf(HasSubstr("both.safetensors"), HasSubstr("an embedding for SDXL")));
}

TEST_F(Words, UnderTheirEncodersNameAreNoneOfTheOthers) {
  const EmbeddingUse l = file("l.safetensors", {{"clip_l", counting({1, 768})}}, "x"),
                     g = file("g.safetensors", {{"clip_g", counting({1, 1280})}}, "x");
  EXPECT_EQ(refusal({l, g}, two_), "");
  EXPECT_THAT(refusal({l}, two_), HasSubstr("an embedding for one text encoder"));
}

}  // namespace
}  // namespace velatura::families
