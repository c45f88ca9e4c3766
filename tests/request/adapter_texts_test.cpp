#include "request/adapter_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "request/asked.h"
#include "request/column.h"
#include "request/fields.h"
#include "velatura/error.h"

namespace velatura::request {
namespace {

const Field kField{.name = "adapter"};

struct LoraCase {
  std::string text;
  LoraUse lora;
  std::string canonical;
};

class LoraText : public ::testing::TestWithParam<LoraCase> {};

TEST_P(LoraText, IsReadAndWritten) {
  const auto& [text, lora, canonical] = GetParam();
  EXPECT_EQ(lora_in(kField, text), lora);
  EXPECT_EQ(text_of(lora), canonical);
  EXPECT_EQ(lora_in(kField, canonical), lora);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, LoraText,
    ::testing::Values(LoraCase{"a.safetensors", {.file = "a.safetensors"}, "a.safetensors:1"},
                      LoraCase{"a:0.8", {.file = "a", .scale = 0.8}, "a:0.8"},
                      LoraCase{"a:-1:0", {.file = "a", .scale = -1, .text_scale = 0}, "a:-1:0"},
                      LoraCase{"C:/a b/c:.5", {.file = "C:/a b/c", .scale = 0.5}, "C:/a b/c:0.5"},
                      LoraCase{"x@y.pt", {.file = "x@y.pt"}, "x@y.pt:1"},
                      LoraCase{
                          "v:2:1:0.5", {.file = "v:2", .scale = 1, .text_scale = 0.5}, "v:2:1:0.5"},
                      LoraCase{"a:1@down=.5,up=0",
                               {.file = "a", .blocks = {.down = 0.5, .mid = 1, .up = 0}},
                               "a:1@down=0.5,mid=1,up=0"}));

TEST(LoraText, ThatSaysNothingIsRefused) {
  for (const char* text : {"", "a@down=", "a@side=1", "a@down=1,up", "a@mid=nan"})
    EXPECT_THROW(lora_in(kField, text), UsageError) << text;
}

TEST(EmbeddingText, NamesATokenBeforeItsFile) {
  EXPECT_EQ(embedding_in(kField, "cat=toy.pt"), (EmbeddingUse{"cat", "toy.pt"}));
  EXPECT_EQ(embedding_in(kField, "a/b=c.pt"), (EmbeddingUse{"", "a/b=c.pt"}));
  EXPECT_EQ(embedding_in(kField, text_of(EmbeddingUse{"", "b=c.pt"})),
            (EmbeddingUse{"", "b=c.pt"}));
  EXPECT_THROW(embedding_in(kField, "cat="), UsageError);
  EXPECT_THROW(embedding_in(kField, ""), UsageError);
}

TEST(GroundingText, IsAPhraseAndABox) {
  const Grounding ball{"a ball @ sea", 0.25, 0, 1, 0.5};
  EXPECT_EQ(grounding_in(kField, "a ball @ sea@.25,0,1,.5"), ball);
  EXPECT_EQ(grounding_in(kField, text_of(ball)), ball);
  for (const char* text : {"a ball", "@0,0,1,1", "a@0,0,1", "a@0,0,1,1.5", "a@-0.1,0,1,1",
                           "a@0.5,0,0.5,1", "a@0,1,1,0", "a@0,0,1,nan", "a@0,0,1,1,1"}) {
    EXPECT_THROW(grounding_in(kField, text), UsageError) << text;
  }
}

TEST(MixTexts, SayATextOrAPictureAndItsWeight) {
  const auto item = [](const std::string& text) {
    const MixItem read = mix_item_in(kField, text);
    return std::pair(read.text, read.weight.value_or(-1));
  };
  EXPECT_EQ(item("a cat"), std::pair(std::string("a cat"), -1.0));
  EXPECT_EQ(item("a cat:0.3"), std::pair(std::string("a cat"), 0.3));
  EXPECT_EQ(item("at 3:4:-1"), std::pair(std::string("at 3:4"), -1.0));
  EXPECT_EQ(item("a: cat"), std::pair(std::string("a: cat"), -1.0));
  EXPECT_EQ(item("data:image/png;base64,AAAA:.5").second, 0.5);
  EXPECT_EQ(text_of(mix_item_in(kField, "a.png:0.25")), "a.png:0.25");
  EXPECT_EQ(text_of(MixItem{.text = "a.png", .image = Image{1, 1, {1, 2, 3}}}), "");
  for (const char* text : {"", ":0.5", ":1:2"})
    EXPECT_THROW(mix_item_in(kField, text), UsageError) << text;
}

/// A request whose options are given one after the other.
class Lists : public ::testing::Test {
 protected:
  struct NoFiles : Inputs {
    Image image(const std::string&, const std::string& name) override {
      return {static_cast<int>(name.size()), 1, std::vector<std::uint8_t>(3 * name.size())};
    }
    GrayImage gray_image(const std::string&, const std::string&) override { return {}; }
    Latents latents(const std::string&, const std::string&) override { return {}; }
    ImageEmbeds image_embeds(const std::string&, const std::string&) override { return {}; }
    bool names_image(const std::string& text) override { return text.ends_with(".png"); }
  };

  void give(std::string_view option, const std::string& text) {
    each_field(request_, [&](const Field& field, const Place& place) {
      if (field.name == option) set({field, place}, unread_, text);
    });
  }
  void read() {
    std::vector<Slot> slots;
    each_field(request_, [&](const Field& field, const Place& place) {
      slots.push_back({field, place});
    });
    NoFiles files;
    read_pictures(slots, unread_, files);
  }

  TextToImage request_;
  Unread unread_;
};

TEST_F(Lists, GoTogetherByRank) {
  give("control-scale", "0.5");
  give("control", "a");
  give("control-image", "x");
  give("control", "b");
  give("control-image", "yy");
  give("control-scale", "0.25");
  read();
  ASSERT_EQ(request_.controls.size(), 2u);
  EXPECT_EQ(request_.controls[0].model, "a");
  EXPECT_EQ(request_.controls[0].image.width, 1);
  EXPECT_EQ(request_.controls[0].scale, 0.5);
  EXPECT_EQ(request_.controls[1].model, "b");
  EXPECT_EQ(request_.controls[1].image.width, 2);
  EXPECT_EQ(request_.controls[1].scale, 0.25);
}

TEST_F(Lists, OfOtherLengthsAreRefused) {
  give("control", "a");
  EXPECT_THROW(read(), UsageError) << "without a picture";
  give("control-image", "x");
  EXPECT_NO_THROW(read());
  give("control-image", "x");
  EXPECT_THROW(read(), UsageError) << "a picture too many";
  give("control", "a");
  EXPECT_NO_THROW(read());
  for (int i = 0; i < 3; ++i) give("control-end", "0.5");
  EXPECT_THROW(read(), UsageError) << "a share too many";
}

TEST_F(Lists, HaveMorePicturesThanAdaptersThatSeeThem) {
  give("ip-adapter", "a");
  give("ip-adapter-image", "x");
  give("ip-adapter-image", "y");
  read();
  ASSERT_EQ(request_.picture_prompts.size(), 2u);
  EXPECT_EQ(request_.picture_prompts[1].adapter, "");
  give("ip-adapter", "b");
  give("ip-adapter", "c");
  EXPECT_THROW(read(), UsageError);
}

}  // namespace
}  // namespace velatura::request
