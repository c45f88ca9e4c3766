#include "models/vae/config.h"

#include <string>
#include <utility>

namespace velatura::models {
namespace {

void only_blocks(ConfigObject& json, const std::string& key, const std::string& type,
                 std::size_t count) {
  const auto names = json.get<std::vector<std::string>>(key, {type});
  for (const auto& name : names) {
    if (name != type) json.reject(key, type + " only");
  }
  if (names.size() != count) json.reject(key, std::to_string(count) + " blocks");
}

// As in diffusers, one without the other means nothing.
void read_statistics(ConfigObject& json, VaeConfig& c) {
  const bool both = json.has("latents_mean") && json.has("latents_std");
  for (const auto& [key, values] :
       {std::pair{"latents_mean", &c.latents_mean}, {"latents_std", &c.latents_std}}) {
    auto found = json.get<std::vector<double>>(key, {});
    if (!both) continue;
    if (found.size() != static_cast<std::size_t>(c.latent_channels))
      json.reject(key, std::to_string(c.latent_channels) + " values, one a latent channel");
    *values = std::move(found);
  }
  for (const double deviation : c.latents_std)
    if (!(deviation > 0)) json.reject("latents_std", "positive numbers");
}

}  // namespace

void VaeConfig::read_channels(ConfigObject& json) {
  in_channels = json.get("in_channels", in_channels);
  out_channels = json.get("out_channels", out_channels);
  block_out_channels = json.get("block_out_channels", block_out_channels);
  layers_per_block = json.get("layers_per_block", layers_per_block);
  latent_channels = json.get("latent_channels", latent_channels);
  norm_num_groups = json.get("norm_num_groups", norm_num_groups);
  mid_block_add_attention = json.get("mid_block_add_attention", mid_block_add_attention);
  // Some files on the hub give sample_size as a list of two; it only says what was trained on.
  if (const auto size = json.raw("sample_size"); size.is_array() && !size.empty()) {
    sample_size = size.front().get<std::int64_t>();
  } else {
    sample_size = json.get("sample_size", sample_size);
  }

  if (block_out_channels.empty()) json.reject("block_out_channels", "at least one value");
  for (const auto channels : block_out_channels) {
    if (norm_num_groups < 1 || channels < 1 || channels % norm_num_groups != 0) {
      json.reject("block_out_channels", "multiples of norm_num_groups");
    }
  }
  if (layers_per_block < 1) json.reject("layers_per_block", "a positive number");
  if (const auto act = json.get<std::string>("act_fn", "silu"); act != "silu" && act != "swish") {
    json.reject("act_fn", "\"silu\"");
  }
}

VaeConfig VaeConfig::read(ConfigObject json) {
  VaeConfig c;
  json.only("_class_name", "AutoencoderKL");
  c.read_channels(json);
  only_blocks(json, "down_block_types", "DownEncoderBlock2D", c.block_out_channels.size());
  only_blocks(json, "up_block_types", "UpDecoderBlock2D", c.block_out_channels.size());
  c.scaling_factor = json.get("scaling_factor", c.scaling_factor);
  c.use_quant_conv = json.get("use_quant_conv", c.use_quant_conv);
  c.use_post_quant_conv = json.get("use_post_quant_conv", c.use_post_quant_conv);
  json.only("shift_factor", nullptr);
  read_statistics(json, c);
  // How half-precision models are run: families decide.
  json.ignore({"force_upcast"});
  json.finish();
  return c;
}

}  // namespace velatura::models
