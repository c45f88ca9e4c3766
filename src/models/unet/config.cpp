#include "models/unet/config.h"

#include <algorithm>
#include <string>
#include <utility>

#include "models/unet/block_registry.h"

namespace velatura::models {
namespace {

// A setting given once for all levels or as a list with one value a level.
template <class T>
std::vector<T> per_level(ConfigObject& json, const std::string& key, T fallback,
                         std::size_t levels) {
  const auto value = json.raw(key);
  if (!value.is_array()) return std::vector<T>(levels, json.get<T>(key, fallback));
  if (value.size() != levels) json.reject(key, std::to_string(levels) + " values, one a level");
  return json.get<std::vector<T>>(key, {});
}

using Depths = std::vector<std::vector<std::int64_t>>;  // of each level's transformers

// @param blocks  ResNet blocks of each level, in the order of the setting
Depths transformer_depths(ConfigObject& json, const std::string& key,
                          const std::vector<std::int64_t>& blocks) {
  nlohmann::json value = json.raw(key);
  if (!value.is_array()) {
    value = std::vector<std::int64_t>(blocks.size(), json.get<std::int64_t>(key, 1));
  }
  const char* const expected = "positive numbers, or a list of them for each level";
  if (value.size() != blocks.size())
    json.reject(key, std::to_string(blocks.size()) + " values, one a level");
  Depths depths;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto count = static_cast<std::size_t>(blocks[i]);
    nlohmann::json level = value[i];
    if (!level.is_array()) level = nlohmann::json::array_t(count, level);
    if (level.size() != count) json.reject(key, expected);
    auto& of_level = depths.emplace_back();
    for (const auto& depth : level) {
      if (!depth.is_number_integer() || depth < 1) json.reject(key, expected);
      of_level.push_back(depth);
    }
  }
  return depths;
}

// On the way up, finest level first.
Depths up_transformer_depths(ConfigObject& json, std::vector<std::int64_t> blocks) {
  const std::string key = "transformer_layers_per_block", reverse = "reverse_" + key;
  const nlohmann::json down = json.raw(key);
  const auto is_list = [](const nlohmann::json& level) { return level.is_array(); };
  if (json.has(reverse)) {
    std::ranges::reverse(blocks);
    Depths depths = transformer_depths(json, reverse, blocks);
    std::ranges::reverse(depths);
    return depths;
  }
  if (std::ranges::any_of(down, is_list)) json.reject(reverse, "what the way up has");
  return transformer_depths(json, key, blocks);
}

// A setting that is one of a few names; of the enumeration, what stands first if it is absent.
template <class Enum>
Enum one_of(ConfigObject& json, const std::string& key,
            const std::vector<std::pair<std::string, Enum>>& values) {
  const auto found = json.get<std::string>(key, "");
  if (found.empty()) return Enum{};
  std::string names;
  for (const auto& [name, value] : values) {
    if (name == found) return value;
    names += (names.empty() ? "\"" : ", \"") + name + "\"";
  }
  json.reject(key, names + " or nothing (not supported yet)");
}

// What attention looks at, and the width of pictures' vectors.
void read_context(ConfigObject& json, UNetConfig& c) {
  c.encoder_hid_dim_type =
      one_of<ContextProjection>(json, "encoder_hid_dim_type",
                                {{"text_image_proj", ContextProjection::text_image},
                                 {"image_proj", ContextProjection::image}});
  const bool projects = c.encoder_hid_dim_type != ContextProjection::none;
  const bool adds_image = c.addition_embed_type == AdditionEmbedding::image ||
                          c.addition_embed_type == AdditionEmbedding::image_hint;
  if (projects || adds_image) {
    c.encoder_hid_dim = json.require<std::int64_t>("encoder_hid_dim");
    if (c.encoder_hid_dim < 1) json.reject("encoder_hid_dim", "a positive number");
  } else if (json.has("encoder_hid_dim")) {
    json.reject("encoder_hid_dim", "an encoder_hid_dim_type beside it (not supported yet)");
  }
  json.ignore({"encoder_hid_dim"});
  const auto width = c.levels.front().cross_attention_dim;
  const auto other = [&](const UNetLevel& level) { return level.cross_attention_dim != width; };
  if ((projects || c.addition_embed_type == AdditionEmbedding::text_image) &&
      std::ranges::any_of(c.levels, other))
    json.reject("cross_attention_dim", "one number");
  if (c.encoder_hid_dim_type == ContextProjection::text_image && adds_image &&
      c.encoder_hid_dim != width)
    json.reject("encoder_hid_dim", std::to_string(width) + ", the width of pictures' vectors");
  if (c.encoder_hid_dim_type == ContextProjection::image &&
      c.addition_embed_type == AdditionEmbedding::text_image && c.encoder_hid_dim != width)
    json.reject("encoder_hid_dim", std::to_string(width) + ", the width of pictures' vectors");
  if (c.addition_embed_type == AdditionEmbedding::image_hint && c.in_channels <= kHintChannels)
    json.reject("in_channels", "more than the hint's " + std::to_string(kHintChannels));
}

void check_simple_blocks(ConfigObject& json, const UNetConfig& c) {
  const auto simple = [](const UNetLevel& level) {
    return level.down.starts_with("Simple") || level.up.starts_with("Simple");
  };
  const auto width = c.levels.front().heads;
  for (const UNetLevel& level : c.levels) {
    if (!simple(level)) continue;
    if (level.only_cross_attention)
      json.reject("only_cross_attention", "false with SimpleCrossAttn blocks (not supported yet)");
    // diffusers takes a list for the way up from its other end.
    const auto other = [&](const UNetLevel& each) { return each.heads != width; };
    if (std::ranges::any_of(c.levels, other))
      json.reject("attention_head_dim",
                  "one number with SimpleCrossAttn blocks (not supported yet)");
  }
}

// What goes into the time embedding beside the time.
void read_conditions(ConfigObject& json, UNetConfig& c) {
  c.time_cond_proj_dim = json.get("time_cond_proj_dim", c.time_cond_proj_dim);
  c.addition_embed_type =
      one_of<AdditionEmbedding>(json, "addition_embed_type",
                                {{"text_time", AdditionEmbedding::text_time},
                                 {"text_image", AdditionEmbedding::text_image},
                                 {"image", AdditionEmbedding::image},
                                 {"image_hint", AdditionEmbedding::image_hint}});
  if (c.addition_embed_type != AdditionEmbedding::text_time) {
    json.ignore({"addition_time_embed_dim", "projection_class_embeddings_input_dim"});
    return;
  }
  for (const auto& [key, width] :
       {std::pair{"addition_time_embed_dim", &c.addition_time_embed_dim},
        {"projection_class_embeddings_input_dim", &c.projection_class_embeddings_input_dim}}) {
    *width = json.require<std::int64_t>(key);
    if (*width < 1) json.reject(key, "a positive number");
  }
}

void check_block_type(ConfigObject& json, const std::string& key, const std::string& type,
                      const std::vector<std::string>& known) {
  if (std::ranges::find(known, type) != known.end()) return;
  std::string names;
  for (const auto& name : known) {
    if (!names.empty()) names += &name == &known.back() ? " and " : ", ";
    names += name;
  }
  json.reject(key, names + " only");
}

std::vector<std::string> block_types(ConfigObject& json, const std::string& key,
                                     const std::vector<std::string>& fallback,
                                     const std::vector<std::string>& known) {
  auto types = json.get(key, fallback);
  for (const auto& type : types) check_block_type(json, key, type, known);
  return types;
}

}  // namespace

std::int64_t UNetConfig::image_embed_dim() const {
  if (encoder_hid_dim_type == ContextProjection::text_image ||
      addition_embed_type == AdditionEmbedding::text_image)
    return levels.front().cross_attention_dim;
  const bool told = encoder_hid_dim_type == ContextProjection::image ||
                    addition_embed_type == AdditionEmbedding::image ||
                    addition_embed_type == AdditionEmbedding::image_hint;
  return told ? encoder_hid_dim : 0;
}

UNetConfig UNetConfig::read(ConfigObject json) {
  UNetConfig c;
  json.only("_class_name", "UNet2DConditionModel");
  if (json.has("sample_size")) c.sample_size = json.require<std::int64_t>("sample_size");
  c.in_channels = json.get("in_channels", c.in_channels);
  c.out_channels = json.get("out_channels", c.out_channels);
  c.center_input_sample = json.get("center_input_sample", c.center_input_sample);
  c.flip_sin_to_cos = json.get("flip_sin_to_cos", c.flip_sin_to_cos);
  c.freq_shift = json.get("freq_shift", c.freq_shift);
  c.downsample_padding = json.get("downsample_padding", c.downsample_padding);
  c.norm_num_groups = json.get("norm_num_groups", c.norm_num_groups);
  c.norm_eps = json.get("norm_eps", c.norm_eps);
  c.use_linear_projection = json.get("use_linear_projection", c.use_linear_projection);
  c.num_class_embeds = json.get("num_class_embeds", c.num_class_embeds);
  c.conv_in_kernel = json.get("conv_in_kernel", c.conv_in_kernel);
  c.conv_out_kernel = json.get("conv_out_kernel", c.conv_out_kernel);

  const auto time_norm = json.get<std::string>("resnet_time_scale_shift", "default");
  if (time_norm != "default" && time_norm != "scale_shift") {
    json.reject("resnet_time_scale_shift", "\"default\" or \"scale_shift\"");
  }
  c.scale_shift = time_norm == "scale_shift";
  if (const auto act = json.get<std::string>("act_fn", "silu"); act != "silu" && act != "swish") {
    json.reject("act_fn", "\"silu\"");
  }

  const std::string cross_down = "CrossAttnDownBlock2D", cross_up = "CrossAttnUpBlock2D";
  const auto down =
      block_types(json, "down_block_types", {cross_down, cross_down, cross_down, "DownBlock2D"},
                  down_block_types());
  const auto up = block_types(json, "up_block_types", {"UpBlock2D", cross_up, cross_up, cross_up},
                              up_block_types());
  const std::size_t n = down.size();
  if (n == 0) json.reject("down_block_types", "at least one block");
  if (up.size() != n)
    json.reject("up_block_types", std::to_string(n) + " blocks, as on the way down");
  const auto channels =
      json.get<std::vector<std::int64_t>>("block_out_channels", {320, 640, 1280, 1280});
  if (channels.size() != n) json.reject("block_out_channels", std::to_string(n) + " values");
  const auto layers = per_level<std::int64_t>(json, "layers_per_block", 2, n);
  if (std::ranges::any_of(layers, [](auto count) { return count < 1 || count > 1000; }))
    json.reject("layers_per_block", "positive numbers");
  const auto heads = per_level<std::int64_t>(json, "attention_head_dim", 8, n);
  const auto context = per_level<std::int64_t>(json, "cross_attention_dim", 1280, n);
  const auto down_depths = transformer_depths(json, "transformer_layers_per_block", layers);
  auto up_layers = layers;
  for (auto& count : up_layers) ++count;
  const auto up_depths = up_transformer_depths(json, up_layers);
  const auto only_cross = per_level<bool>(json, "only_cross_attention", false, n);
  for (std::size_t i = 0; i < n; ++i) {
    if (channels[i] < 1 || channels[i] % std::max<std::int64_t>(c.norm_num_groups, 1) != 0) {
      json.reject("block_out_channels", "multiples of norm_num_groups");
    }
    if (heads[i] < 1 || channels[i] % heads[i] != 0) {
      json.reject("attention_head_dim", down[i].starts_with("Simple")
                                            ? "head widths that divide block_out_channels"
                                            : "head counts that divide block_out_channels");
    }
    c.levels.push_back({down[i], up[n - 1 - i], channels[i], layers[i], heads[i], context[i],
                        down_depths[i], up_depths[i], only_cross[i]});
  }
  c.time_embedding_dim = json.get("time_embedding_dim", 4 * channels[0]);

  c.mid_block_type = json.get("mid_block_type", c.mid_block_type);
  check_block_type(json, "mid_block_type", c.mid_block_type, mid_block_types());
  read_conditions(json, c);
  read_context(json, c);
  check_simple_blocks(json, c);
  json.only("mid_block_scale_factor", 1);
  json.only("mid_block_only_cross_attention", false);
  json.only("dual_cross_attention", false);
  json.only("class_embeddings_concat", false);
  json.only("resnet_skip_time_act", false);
  json.only("resnet_out_scale_factor", 1.0);
  json.only("time_embedding_type", "positional");
  const auto attention = json.get<std::string>("attention_type", "default");
  if (attention != "default" && attention != "gated") {
    json.reject("attention_type", "\"default\" or \"gated\"");
  }
  c.gated = attention == "gated";
  // Half-precision attention accumulates in float32 here anyway; dropout is training's.
  json.ignore({"upcast_attention", "dropout", "addition_embed_type_num_heads"});
  json.finish();
  return c;
}

}  // namespace velatura::models
