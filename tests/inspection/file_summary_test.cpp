#include "inspection/file_summary.h"

#include <gmock/gmock.h>

#include "support/run_program.h"
#include "support/sparse_safetensors.h"
#include "velatura/error.h"

namespace velatura::inspection {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using velatura::testing::Shapes;

class FileSummaries : public ::testing::Test {
 protected:
  FileSummary summary(const Shapes& shapes,
                      const std::map<std::string, std::string>& metadata = {}) {
    velatura::testing::write_sparse_safetensors(folder_ / "x.safetensors", shapes, metadata);
    return summarise_file(folder_ / "x.safetensors", "no model", false);
  }
  velatura::testing::TemporaryFolder folder_;
};

TEST_F(FileSummaries, ALoraHasRanksPartsAndScales) {
  const std::string unet = "lora_unet_down_blocks_0_attentions_0_proj_in",
                    other = "lora_unet_mid_block_attentions_0_proj_in",
                    text = "lora_te_text_model_encoder_layers_0_mlp_fc1";
  Shapes shapes;
  for (const auto& [name, rank] : {std::pair{unet, 8}, {other, 8}, {text, 4}}) {
    shapes[name + ".lora_down.weight"] = {rank, 320};
    shapes[name + ".lora_up.weight"] = {640, rank};
    shapes[name + ".alpha"] = {};
  }
  const FileSummary found = summary(shapes, {{"ss_network_dim", "8"}});
  EXPECT_EQ(found.what, "a LoRA, not a model of its own");
  ASSERT_TRUE(found.low_rank.has_value());
  EXPECT_EQ(found.low_rank->modules, 3u);
  EXPECT_THAT(found.low_rank->ranks, ElementsAre(Pair(4, 1u), Pair(8, 2u)));
  EXPECT_THAT(found.low_rank->parts, ElementsAre(Pair("text encoder", 1u), Pair("unet", 2u)));
  EXPECT_TRUE(found.low_rank->has_alpha);
  EXPECT_EQ(found.metadata.at("ss_network_dim"), "8");
  EXPECT_EQ(found.tensors, 9u);
}

TEST_F(FileSummaries, AnAdapterSaysWhatItIsForAndWhatCallsIt) {
  const std::string to_k = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k";
  const FileSummary found = summary(
      {{to_k + ".hada_w1_a", {320, 4}},
       {to_k + ".hada_w1_b", {4, 768}},
       {to_k + ".hada_w2_a", {320, 4}},
       {to_k + ".hada_w2_b", {4, 768}},
       {to_k + ".dora_scale", {320, 1}},
       {"lora_unet_conv_in.diff", {320, 4, 3, 3}}},
      {{"modelspec.trigger_phrase", "zsty"},
       {"ss_tag_frequency", R"({"1_a": {"cat": 3, "dog": 5}, "2_b": {"cat": 4, "x": "no"}})"}});
  ASSERT_TRUE(found.low_rank.has_value());
  EXPECT_EQ(found.low_rank->made_for, "Stable Diffusion 1.x");
  EXPECT_THAT(found.low_rank->kinds,
              ElementsAre(Pair("LoHa with DoRA", 1u), Pair("difference", 1u)));
  EXPECT_THAT(found.low_rank->ranks, ElementsAre(Pair(4, 1u)));
  EXPECT_EQ(found.low_rank->trigger, "zsty");
  EXPECT_THAT(found.low_rank->tags, ElementsAre(Pair("cat", 7), Pair("dog", 5)));
}

TEST_F(FileSummaries, EverySpellingOfALoraIsRead) {
  struct Spelling {
    std::string name;
    std::vector<std::int64_t> shape;
    std::string part;
  };
  for (const Spelling& spelling :
       {Spelling{"unet.a.to_q.lora_A.weight", {5, 9}, "unet"},
        {"unet.a.to_q.lora.down.weight", {5, 9}, "unet"},
        {"a.attn1.processor.to_q_lora.down.weight", {5, 9}, "unet"},
        {"text_encoder.a.lora_linear_layer.down.weight", {5, 9}, "text encoder"},
        {"lora_unet_a.hada_w1_b", {5, 9}, "unet"},
        {"lora_te1_a.lokr_w2_b", {5, 9}, "text encoder"},
        {"lycoris_a.lora_down.weight", {5, 9, 3, 3}, "other"}}) {
    const FileSummary found = summary({{spelling.name, spelling.shape}});
    ASSERT_TRUE(found.low_rank.has_value()) << spelling.name;
    EXPECT_THAT(found.low_rank->ranks, ElementsAre(Pair(5, 1u))) << spelling.name;
    EXPECT_THAT(found.low_rank->parts, ElementsAre(Pair(spelling.part, 1u))) << spelling.name;
    EXPECT_FALSE(found.low_rank->has_alpha);
  }
}

TEST_F(FileSummaries, AnUnknownFileIsCounted) {
  const FileSummary found = summary(
      {{"a", {2, 3}}, {"b", {4}}, {"c", {1}}, {"d", {7}}, {"e", {5}}, {"f", {5}}, {"g", {0, 9}}});
  EXPECT_EQ(found.what, "");
  EXPECT_THAT(found.evidence, IsEmpty());
  EXPECT_EQ(found.tensors, 7u);
  EXPECT_EQ(found.elements, 28);
  EXPECT_THAT(found.dtypes, ElementsAre(Pair("float16", 28)));
  ASSERT_THAT(found.largest, SizeIs(5));
  std::string order;
  for (const LargeTensor& tensor : found.largest) order += tensor.name;
  EXPECT_EQ(order, "daefb");
  EXPECT_FALSE(found.low_rank.has_value());
  EXPECT_EQ(found.refusal, "no model");
}

TEST_F(FileSummaries, ABrokenFileIsRefused) {
  velatura::testing::write_text(folder_ / "x.safetensors", "no tensors");
  EXPECT_THROW(summarise_file(folder_ / "x.safetensors", "", false), InputError);
}

}  // namespace
}  // namespace velatura::inspection
