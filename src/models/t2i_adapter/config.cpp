#include "models/t2i_adapter/config.h"

#include <string>

namespace velatura::models {

T2IAdapterConfig T2IAdapterConfig::read(ConfigObject json) {
  T2IAdapterConfig c;
  json.only("_class_name", "T2IAdapter");
  const auto type = json.get<std::string>("adapter_type", "full_adapter");
  if (type != "full_adapter" && type != "light_adapter" && type != "full_adapter_xl") {
    json.reject("adapter_type", "\"full_adapter\", \"light_adapter\" or \"full_adapter_xl\"");
  }
  c.light = type == "light_adapter";
  c.xl = type == "full_adapter_xl";
  c.in_channels = json.get("in_channels", c.in_channels);
  if (c.in_channels != 1 && c.in_channels != 3) json.reject("in_channels", "1 or 3");
  c.channels = json.get("channels", c.channels);
  if (c.channels.empty()) json.reject("channels", "one number a level");
  for (const auto count : c.channels) {
    if (count < 4 || count % 4 != 0) json.reject("channels", "multiples of 4");
  }
  c.num_res_blocks = json.get("num_res_blocks", c.num_res_blocks);
  if (c.num_res_blocks < 1) json.reject("num_res_blocks", "a positive number");
  c.downscale_factor = json.get("downscale_factor", c.downscale_factor);
  if (c.downscale_factor < 1) json.reject("downscale_factor", "a positive number");
  if (c.downscale_factor % c.latents_of(0) != 0) json.reject("downscale_factor", "an even number");
  json.finish();
  return c;
}

}  // namespace velatura::models
