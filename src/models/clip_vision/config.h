#pragma once

#include <cstdint>

#include "core/config_object.h"
#include "models/clip/layer_config.h"

namespace velatura::models {

/// config.json of a CLIPVisionModelWithProjection; defaults are transformers' own.
struct ClipVisionConfig : ClipLayerConfig {
  ClipVisionConfig() : ClipLayerConfig{768, 3072, 12, 12} {}

  std::int64_t image_size = 224;  ///< pixels a side
  std::int64_t patch_size = 32;
  std::int64_t num_channels = 3;
  std::int64_t projection_dim = 512;

  /// The patches, and one token for the whole.
  std::int64_t tokens() const { return (image_size / patch_size) * (image_size / patch_size) + 1; }

  /// @throws InputError naming what is missing, of the wrong type or not supported
  static ClipVisionConfig read(ConfigObject json);
  bool operator==(const ClipVisionConfig&) const = default;
};

}  // namespace velatura::models
