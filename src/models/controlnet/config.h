#pragma once

#include <cstdint>
#include <vector>

#include "core/config_object.h"
#include "models/unet/config.h"

namespace velatura::models {

/// config.json of a ControlNetModel; defaults are diffusers' own.
struct ControlNetConfig {
  UNetConfig trunk;  ///< as the UNet's it stands beside; what only the way up has means nothing
  std::int64_t conditioning_channels = 3;                            ///< of the hint
  std::vector<std::int64_t> embedding_channels = {16, 32, 96, 256};  ///< of the hint's embedding
  bool bgr = false;                     ///< the hint's colours are taken in reverse order
  bool global_pool_conditions = false;  ///< what is added is averaged over height and width

  /// Pixels of the hint that a latent stands for, on each side.
  std::int64_t hint_factor() const { return std::int64_t{1} << (embedding_channels.size() - 1); }
  /// Skip connections that something is added to.
  std::size_t skips() const;

  /// @throws InputError naming what is missing, inconsistent or not supported
  static ControlNetConfig read(ConfigObject json);
  bool operator==(const ControlNetConfig&) const = default;
};

}  // namespace velatura::models
