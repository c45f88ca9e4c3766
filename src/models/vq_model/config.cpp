#include "models/vq_model/config.h"

#include <algorithm>
#include <string>
#include <vector>

namespace velatura::models {
namespace {

constexpr std::int64_t kSpatialGroups = 32;

// @return for each level, in the order of the config, whether its block has attention
std::vector<bool> attentions(ConfigObject& json, const std::string& key, const std::string& plain,
                             std::size_t count) {
  const std::string attending = "Attn" + plain, both = plain + " and " + attending + " only";
  const auto names = json.get<std::vector<std::string>>(key, {plain});
  if (names.size() != count) json.reject(key, std::to_string(count) + " blocks");
  std::vector<bool> result;
  for (const auto& name : names) {
    if (name != plain && name != attending) json.reject(key, both);
    result.push_back(name == attending);
  }
  return result;
}

}  // namespace

VqConfig VqConfig::read(ConfigObject json) {
  VqConfig c;
  c.latent_channels = 3;
  c.scaling_factor = 1.0;
  json.only("_class_name", "VQModel");
  c.read_channels(json);
  const std::size_t levels = c.block_out_channels.size();
  c.down_attentions = attentions(json, "down_block_types", "DownEncoderBlock2D", levels);
  c.up_attentions = attentions(json, "up_block_types", "UpDecoderBlock2D", levels);
  std::reverse(c.up_attentions.begin(), c.up_attentions.end());
  c.num_vq_embeddings = json.get("num_vq_embeddings", c.num_vq_embeddings);
  c.vq_embed_dim = json.get("vq_embed_dim", c.latent_channels);
  for (const char* key : {"num_vq_embeddings", "vq_embed_dim"}) {
    if (json.has(key) && json.json().at(key) < 1) json.reject(key, "a positive number");
  }
  const auto norm = json.get<std::string>("norm_type", "group");
  if (norm != "group" && norm != "spatial") json.reject("norm_type", "\"group\" or \"spatial\"");
  c.spatial_norm = norm == "spatial";
  if (c.spatial_norm) {
    for (const auto channels : c.block_out_channels) {
      if (channels % kSpatialGroups != 0)
        json.reject("block_out_channels", "multiples of 32, with norm_type \"spatial\"");
    }
    if (c.vq_embed_dim != c.latent_channels)
      json.reject("vq_embed_dim", "latent_channels, " + std::to_string(c.latent_channels) +
                                      ", with norm_type \"spatial\"");
  }
  json.only("lookup_from_codebook", false);
  json.ignore({"scaling_factor", "force_upcast"});
  json.finish();
  return c;
}

}  // namespace velatura::models
