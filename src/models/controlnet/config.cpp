#include "models/controlnet/config.h"

#include <string>
#include <utility>

namespace velatura::models {
namespace {

constexpr auto kOwnKeys = {"conditioning_channels", "conditioning_embedding_out_channels",
                           "controlnet_conditioning_channel_order", "global_pool_conditions",
                           "num_attention_heads"};

// What is left of the config is a UNet's without a way up.
UNetConfig read_trunk(const ConfigObject& json) {
  nlohmann::json rest = json.json();
  for (const char* key : kOwnKeys) rest.erase(key);
  // diffusers' order of the two: the head count by its own name goes before its misnomer.
  if (json.has("num_attention_heads")) {
    rest["attention_head_dim"] = json.json().at("num_attention_heads");
  }
  rest["_class_name"] = "UNet2DConditionModel";
  const std::size_t levels =
      rest.contains("down_block_types") && rest["down_block_types"].is_array()
          ? rest["down_block_types"].size()
          : 4;
  rest["up_block_types"] = std::vector<std::string>(levels, "UpBlock2D");
  return UNetConfig::read({json.where(), std::move(rest)});
}

}  // namespace

std::size_t ControlNetConfig::skips() const {
  std::size_t count = 1;
  for (const UNetLevel& level : trunk.levels) count += static_cast<std::size_t>(level.layers) + 1;
  return count - 1;  // the coarsest level is not halved
}

ControlNetConfig ControlNetConfig::read(ConfigObject json) {
  ControlNetConfig c;
  json.only("_class_name", "ControlNetModel");
  for (const char* key : {"up_block_types", "out_channels", "time_embedding_dim", "conv_in_kernel",
                          "conv_out_kernel", "center_input_sample", "time_cond_proj_dim"}) {
    if (json.has(key)) json.reject(key, "nothing: a ControlNet has no such setting");
  }
  json.only("addition_embed_type", "text_time");
  json.only("encoder_hid_dim_type", nullptr);
  c.trunk = read_trunk(json);
  c.conditioning_channels = json.get("conditioning_channels", c.conditioning_channels);
  if (c.conditioning_channels != 3) json.reject("conditioning_channels", "3 (not supported yet)");
  c.embedding_channels = json.get("conditioning_embedding_out_channels", c.embedding_channels);
  if (c.embedding_channels.empty() || c.embedding_channels.size() > 8) {
    json.reject("conditioning_embedding_out_channels", "1 to 8 numbers");
  }
  for (const auto count : c.embedding_channels) {
    if (count < 1) json.reject("conditioning_embedding_out_channels", "positive numbers");
  }
  const auto order = json.get<std::string>("controlnet_conditioning_channel_order", "rgb");
  if (order != "rgb" && order != "bgr") {
    json.reject("controlnet_conditioning_channel_order", "\"rgb\" or \"bgr\"");
  }
  c.bgr = order == "bgr";
  c.global_pool_conditions = json.get("global_pool_conditions", c.global_pool_conditions);
  return c;
}

}  // namespace velatura::models
