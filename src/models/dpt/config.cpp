#include "models/dpt/config.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/transformers_keys.h"

namespace velatura::models {
namespace {

using Sizes = std::vector<std::int64_t>;

void check_positive(const ConfigObject& json, const std::string& key, std::int64_t value) {
  if (value < 1) json.reject(key, "a positive number");
}

// A side of a square, given once or as [height, width].
std::int64_t side(ConfigObject& json, const std::string& key, std::int64_t fallback) {
  if (!json.raw(key).is_array()) return json.get(key, fallback);
  const auto sides = json.get<Sizes>(key, {});
  if (sides.size() != 2 || sides[0] != sides[1]) json.reject(key, "a square");
  return sides[0];
}

// The first N of at least N sizes.
template <std::size_t N>
std::array<std::int64_t, N> sizes(ConfigObject& json, const std::string& key,
                                  const Sizes& fallback) {
  const auto found = json.get(key, fallback);
  if (found.size() < N) json.reject(key, std::to_string(N) + " sizes");
  std::array<std::int64_t, N> result;
  std::copy_n(found.begin(), N, result.begin());
  for (const auto size : result) check_positive(json, key, size);
  return result;
}

}  // namespace

BitConfig BitConfig::read(ConfigObject json) {
  BitConfig c;
  json.only("model_type", "bit");
  json.only("num_channels", 3);
  json.only("hidden_act", "relu");
  json.only("width_factor", 1);
  json.only("output_stride", 32);
  // BitConfig's defaults for these are another network's: they must be there.
  if (json.require<std::string>("layer_type") != "bottleneck") {
    json.reject("layer_type", "\"bottleneck\" (not supported yet)");
  }
  if (const auto padding = json.require<std::string>("global_padding");
      padding != "same" && padding != "SAME") {
    json.reject("global_padding", "\"same\" (not supported yet)");
  }
  if (!json.require<bool>("embedding_dynamic_padding")) {
    json.reject("embedding_dynamic_padding", "true (not supported yet)");
  }
  json.only("out_features", {"stage1", "stage2", "stage3"});
  json.only("out_indices", {1, 2, 3});
  if (!json.has("out_features") && !json.has("out_indices")) {
    json.reject("out_features", "[\"stage1\",\"stage2\",\"stage3\"]");
  }

  c.embedding_size = json.get("embedding_size", c.embedding_size);
  c.num_groups = json.get("num_groups", c.num_groups);
  if (json.require<Sizes>("depths").size() != 3) json.reject("depths", "3 stages");
  c.depths = sizes<3>(json, "depths", {});
  // Files name a fourth size, BitConfig's default, beside three stages.
  c.hidden_sizes = sizes<3>(json, "hidden_sizes", {256, 512, 1024});
  check_positive(json, "num_groups", c.num_groups);
  check_positive(json, "embedding_size", c.embedding_size);
  if (c.embedding_size % c.num_groups != 0) {
    json.reject("embedding_size", "a multiple of num_groups");
  }
  for (const auto size : c.hidden_sizes) {
    if (size % 32 != 0) json.reject("hidden_sizes", "multiples of 32");
    if (size / 4 % c.num_groups != 0) json.reject("hidden_sizes", "multiples of 4 * num_groups");
  }
  ignore_transformers_keys(json);
  json.ignore({"drop_path_rate", "stage_names"});
  json.finish();
  return c;
}

namespace {

// Whole, or one over a whole.
bool is_factor(double factor) {
  const double times = factor >= 1 ? factor : 1 / factor;
  return factor > 0 && times <= 32 && times == std::round(times);
}

// The neck takes four maps; of a hybrid the first two are its backbone's as they are.
void read_taps(ConfigObject& json, DptConfig& c) {
  const auto taps = json.get<Sizes>("backbone_out_indices", {2, 5, 8, 11});
  const auto factors = json.get<std::vector<double>>("reassemble_factors", {4, 2, 1, 0.5});
  const std::size_t skipped = c.hybrid ? 2 : 0;
  bool rising = taps.size() == 4 && taps[skipped] >= 0 && taps[3] < c.num_hidden_layers;
  for (std::size_t i = skipped; rising && i < 3; ++i) rising = taps[i] < taps[i + 1];
  if (!rising) json.reject("backbone_out_indices", "4 rising indices of layers");
  c.taps.assign(taps.begin() + static_cast<std::ptrdiff_t>(skipped), taps.end());
  if (c.hybrid && (factors.size() != 4 || factors[2] != 1 || factors[3] != 0.5)) {
    json.reject("reassemble_factors", "[1, 1, 1, 0.5] (not supported yet)");
  }
  if (factors.size() != 4 || !std::ranges::all_of(factors, is_factor)) {
    json.reject("reassemble_factors", "4 whole numbers, or one over them");
  }
  c.factors.assign(factors.begin() + static_cast<std::ptrdiff_t>(skipped), factors.end());
}

void check_backbone(ConfigObject& json, const DptConfig& c) {
  const auto& stages = c.backbone.hidden_sizes;
  if (c.neck_hidden_sizes[0] != stages[0] || c.neck_hidden_sizes[1] != stages[1]) {
    json.reject("neck_hidden_sizes", "the sizes of the backbone's stages to begin with");
  }
  const auto map = json.get<Sizes>("backbone_featmap_shape", {1, 1024, 24, 24});
  if (map.size() != 4 || map[1] != stages[2]) {
    json.reject("backbone_featmap_shape", std::to_string(stages[2]) + " channels");
  }
  json.only("neck_ignore_stages", {0, 1});
}

}  // namespace

DptConfig DptConfig::read(ConfigObject json) {
  DptConfig c;
  json.only("model_type", "dpt");
  c.hybrid = json.get("is_hybrid", c.hybrid);
  if (const auto backbone = json.raw("backbone_config"); !backbone.is_null()) {
    if (!c.hybrid) json.reject("backbone_config", "null without is_hybrid (not supported yet)");
    c.backbone = BitConfig::read({json.where() + ": backbone_config", backbone});
  }
  c.hidden_size = json.get("hidden_size", c.hidden_size);
  c.num_hidden_layers = json.get("num_hidden_layers", c.num_hidden_layers);
  c.num_attention_heads = json.get("num_attention_heads", c.num_attention_heads);
  c.intermediate_size = json.get("intermediate_size", c.intermediate_size);
  c.layer_norm_eps = json.get("layer_norm_eps", c.layer_norm_eps);
  c.qkv_bias = json.get("qkv_bias", c.qkv_bias);
  c.image_size = side(json, "image_size", c.image_size);
  c.neck_hidden_sizes = sizes<4>(json, "neck_hidden_sizes", {96, 192, 384, 768});
  c.fusion_hidden_size = json.get("fusion_hidden_size", c.fusion_hidden_size);
  for (const auto& [key, value] : {std::pair{"hidden_size", c.hidden_size},
                                   {"num_hidden_layers", c.num_hidden_layers},
                                   {"num_attention_heads", c.num_attention_heads},
                                   {"intermediate_size", c.intermediate_size},
                                   {"image_size", c.image_size},
                                   {"fusion_hidden_size", c.fusion_hidden_size}}) {
    check_positive(json, key, value);
  }
  if (c.hidden_size % c.num_attention_heads != 0) {
    json.reject("hidden_size", "a multiple of num_attention_heads");
  }
  if (side(json, "patch_size", patch_size) != patch_size) {
    json.reject("patch_size", "16, the backbone's stride");
  }
  if (c.image_size % patch_size != 0) json.reject("image_size", "a multiple of patch_size");
  if (c.fusion_hidden_size % 2 != 0) json.reject("fusion_hidden_size", "an even number");

  read_taps(json, c);
  if (c.hybrid) {
    check_backbone(json, c);
  } else {
    json.ignore({"backbone_featmap_shape", "neck_ignore_stages"});
  }
  json.only("readout_type", "project");
  json.only("head_in_index", -1);
  json.only("hidden_act", "gelu");
  json.only("num_channels", 3);
  json.only("add_projection", false);
  json.only("use_batch_norm_in_fusion_residual", false);
  json.only("use_bias_in_fusion_residual", true);
  json.only("use_timm_backbone", false);
  // Training's, and of parts that depth estimation does not have.
  json.ignore({"hidden_dropout_prob", "attention_probs_dropout_prob", "initializer_range",
               "auxiliary_loss_weight", "use_auxiliary_head", "semantic_classifier_dropout",
               "semantic_loss_ignore_index", "pooler_act", "pooler_output_size",
               "use_pretrained_backbone"});
  ignore_transformers_keys(json);
  json.finish();
  return c;
}

}  // namespace velatura::models
