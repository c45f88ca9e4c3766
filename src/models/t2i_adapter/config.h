#pragma once

#include <cstdint>
#include <vector>

#include "core/config_object.h"

namespace velatura::models {

/// config.json of a T2IAdapter; defaults are diffusers' own.
struct T2IAdapterConfig {
  bool light = false;  ///< adapter_type is "light_adapter"
  /// adapter_type is "full_adapter_xl": it begins at half the latents' size, and its last level is
  /// for what the UNet's middle gives.
  bool xl = false;
  std::int64_t in_channels = 3;                                 ///< of the hint; 1: grey
  std::vector<std::int64_t> channels = {320, 640, 1280, 1280};  ///< of each level
  std::int64_t num_res_blocks = 2;                              ///< of each level
  /// Pixels of the hint that a value of the first level stands for, each way.
  std::int64_t downscale_factor = 8;

  std::size_t levels() const { return light ? channels.size() + 1 : channels.size(); }
  /// Of what is added to a level.
  std::int64_t channels_of(std::size_t level) const {
    return channels[level < channels.size() ? level : channels.size() - 1];
  }

  bool halves(std::size_t level) const { return xl ? level == 2 : level > 0; }
  /// Latents that a value of a level stands for, each way.
  std::int64_t latents_of(std::size_t level) const {
    std::int64_t latents = xl ? 2 : 1;
    for (std::size_t i = 0; i <= level; ++i) latents *= halves(i) ? 2 : 1;
    return latents;
  }
  /// Pixels of the hint that a latent stands for, each way.
  std::int64_t hint_factor() const { return downscale_factor / latents_of(0); }

  /// @throws InputError naming what is missing, inconsistent or not supported
  static T2IAdapterConfig read(ConfigObject json);
  bool operator==(const T2IAdapterConfig&) const = default;
};

}  // namespace velatura::models
