#include <gmock/gmock.h>

#include "weights/files.h"
#include "weights/formats/safetensors.h"
#include "weights/formats/sharded_source.h"
#include "weights/layouts/old_names.h"
#include "weights/sources/names.h"
#include "weights/sources/renamed_source.h"
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

std::shared_ptr<const WeightSource> source(const Folder& folder, const testing::Tensors& tensors) {
  return std::make_shared<SafetensorsFile>(folder.write("s.safetensors", encoded(tensors)));
}

TEST(Names, PatternsMatchWholeNames) {
  EXPECT_TRUE(matches("a.position_ids", "*position_ids"));
  EXPECT_TRUE(matches("loss.weight", "loss*"));
  EXPECT_TRUE(matches("abc", "a*c"));
  EXPECT_TRUE(matches("", "*"));
  EXPECT_FALSE(matches("a.loss", "loss*"));
  EXPECT_FALSE(matches("position_ids.x", "*position_ids"));
  EXPECT_FALSE(matches("abc", "ab"));
}

TEST(Names, AreShownOnOneShortLine) {
  EXPECT_EQ(shown("a\nb"), "a\\x0ab");
  EXPECT_LT(shown(std::string(5000, 'x')).size(), 200u);
  EXPECT_EQ(some_of({"a", "b", "c"}, 2), "a, b and 1 more");
}

TEST(ShardedSource, FindsTensorsInTheirFiles) {
  const Folder folder;
  folder.write("m-1.safetensors", encoded({{"a", counting({2})}, {"c", counting({3})}}));
  folder.write("m-2.safetensors", encoded({{"b", counting({4})}}));
  const ShardedSource sharded(folder.write("m.safetensors.index.json", R"({"metadata": {},
    "weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors", "c": "m-1.safetensors"}})"));
  EXPECT_THAT(sharded.names(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(sharded.files(), ElementsAre(folder / "m-1.safetensors", folder / "m-2.safetensors"));
  EXPECT_TRUE(at::equal(sharded.load("b"), counting({4})));
  EXPECT_EQ(sharded.find("c")->shape, std::vector<std::int64_t>{3});
  EXPECT_FALSE(sharded.find("d"));
}

TEST(ShardedSource, RefusesWrongIndices) {
  const Folder folder;
  folder.write("m-1.safetensors", encoded({{"a", counting({2})}, {"c", counting({3})}}));
  const auto refused = [&](const std::string& index) {
    const auto path = folder.write("index.json", index);
    return refusal([&] { ShardedSource sharded(path); });
  };
  for (const std::string file : {"../m-1.safetensors", "/etc/passwd", "x/../../y", ""}) {
    EXPECT_THAT(
        refused(R"({"weight_map": {"a": ")" + file + R"("}})"),
        AllOf(HasSubstr("index.json: weight_map: '" + file + "'"), HasSubstr("not a file inside")));
  }
  EXPECT_THAT(refused("{}"), HasSubstr("index.json: weight_map is not an object"));
  EXPECT_THAT(refused(R"({"weight_map": {"a": 1}})"), HasSubstr("'a'"));
  EXPECT_THAT(refused(R"({"weight_map": {"a": "m-1.safetensors", "b": "m-1.safetensors",
                          "c": "m-1.safetensors"}})"),
              HasSubstr("1 tensors are not in the shards named for them: b (m-1.safetensors)"));
  EXPECT_THAT(refused(R"({"weight_map": {"a": "m-1.safetensors"}})"),
              HasSubstr("1 tensors of the shards are not in the index: c (m-1.safetensors)"));
  EXPECT_THAT(refused(R"({"weight_map": {"a": "m-9.safetensors"}})"),
              HasSubstr("m-9.safetensors: No such file"));
  EXPECT_THAT(refused("{\n\"weight_map\": {,}}"), HasSubstr("index.json:2: not valid JSON"));
  EXPECT_THAT(refused("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("Git LFS"));
}

TEST(RenamedSource, TransformsShapesAndTensorsAlike) {
  const Folder folder;
  const auto base = source(folder, {{"conv", counting({3, 2, 1, 1})},
                                    {"m", counting({2, 3})},
                                    {"qkv", counting({6, 2})},
                                    {"other", counting({1})}});
  const RenamedSource renamed(base, {{"conv", "a.linear", Transform::squeeze},
                                     {"m", "a.t", Transform::transpose},
                                     {"qkv", "a.q", Transform::first_third},
                                     {"qkv", "a.k", Transform::second_third},
                                     {"qkv", "a.v", Transform::last_third},
                                     {"m", "a.same"},
                                     {"absent", "a.absent"}});
  EXPECT_THAT(renamed.names(), ElementsAre("a.k", "a.linear", "a.q", "a.same", "a.t", "a.v"));
  const testing::Tensors expected{
      {"a.linear", counting({3, 2})},           {"a.t", counting({2, 3}).t()},
      {"a.q", counting({6, 2}).slice(0, 0, 2)}, {"a.k", counting({6, 2}).slice(0, 2, 4)},
      {"a.v", counting({6, 2}).slice(0, 4, 6)}, {"a.same", counting({2, 3})}};
  for (const auto& [name, tensor] : expected) {
    const at::Tensor found = renamed.load(name);
    EXPECT_TRUE(at::equal(found, tensor)) << name;
    EXPECT_TRUE(found.is_contiguous()) << name;
    EXPECT_EQ(renamed.find(name)->shape, tensor.sizes().vec()) << name;
  }
  EXPECT_FALSE(renamed.find("other"));
  EXPECT_FALSE(renamed.find("a.absent"));
}

TEST(RenamedSource, LeavesWhatDoesNotFitATransformUnchanged) {
  const Folder folder;
  const auto base = source(
      folder,
      {{"linear", counting({3, 2})}, {"conv", counting({3, 2, 3, 3})}, {"qkv", counting({4, 2})}});
  const RenamedSource renamed(base, {{"linear", "linear", Transform::squeeze},
                                     {"conv", "conv", Transform::squeeze},
                                     {"qkv", "qkv", Transform::first_third}});
  for (const std::string& name : renamed.names()) {
    EXPECT_TRUE(at::equal(renamed.load(name), base->load(name))) << name;
    EXPECT_EQ(renamed.find(name)->shape, base->find(name)->shape) << name;
  }
}

TEST(RenamedSource, RefusesTwoTensorsForOneName) {
  const Folder folder;
  const auto base = source(folder, {{"a", counting({2})}, {"b", counting({2})}});
  EXPECT_THAT(refusal([&] {
                RenamedSource(base, {{"a", "x"}, {"b", "x"}});
              }),
              HasSubstr("tensors 'a' and 'b' are the same parameter"));
}

TEST(RenamedSource, UnmappedNamesStayVisible) {
  const Folder folder;
  const auto base = source(folder, {{"u.a", counting({1})},
                                    {"u.b", counting({1})},
                                    {"u.loss", counting({1})},
                                    {"v.c", counting({1})}});
  const RenamedSource renamed(base, with_unmapped({{"u.a", "x"}}, *base, "u.", {"*loss"}));
  EXPECT_THAT(renamed.names(), ElementsAre("u.b", "x"));
}

TEST(OldNames, TextModelPrefixIsAddedWhereItIsMissing) {
  const Folder folder;
  for (const std::string prefix : {"", "text_model."}) {
    const auto named = with_text_model_prefix(
        source(folder, {{prefix + "encoder.layers.0.mlp.fc1.weight", counting({2})},
                        {prefix + "embeddings.position_ids", counting({2}, at::kLong)}}));
    EXPECT_THAT(named->names(), ElementsAre("text_model.encoder.layers.0.mlp.fc1.weight"));
  }
}

TEST(OldNames, VaeAttentionIsFoundUnderBothNames) {
  const Folder folder;
  const auto vae = with_current_vae_names(
      source(folder, {{"decoder.mid_block.attentions.0.query.weight", counting({2, 2})},
                      {"decoder.mid_block.attentions.0.proj_attn.bias", counting({2})},
                      {"encoder.mid_block.attentions.0.to_k.bias", counting({2})},
                      {"quant_conv.weight", counting({2, 2, 1, 1})}}));
  EXPECT_THAT(vae->names(),
              ElementsAre("decoder.mid_block.attentions.0.to_out.0.bias",
                          "decoder.mid_block.attentions.0.to_q.weight",
                          "encoder.mid_block.attentions.0.to_k.bias", "quant_conv.weight"));
  EXPECT_EQ(vae->load("quant_conv.weight").dim(), 4);
}

}  // namespace
}  // namespace velatura::weights
