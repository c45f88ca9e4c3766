#pragma once

#include <cstdint>

#include "core/config_object.h"
#include "models/clip/layer_config.h"

namespace velatura::models {

/// text_encoder/config.json of a CLIPTextModel; defaults are transformers' own.
struct ClipTextConfig : ClipLayerConfig {
  ClipTextConfig() : ClipLayerConfig{512, 2048, 12, 8} {}

  std::int64_t vocab_size = 49408;
  std::int64_t max_position_embeddings = 77;
  std::int64_t eos_token_id = 49407;  ///< where the pooled output is taken; see ClipTextOutput

  /// @throws InputError naming what is missing, of the wrong type or not supported
  static ClipTextConfig read(ConfigObject json);
  bool operator==(const ClipTextConfig&) const = default;
};

/// text_encoder_2/config.json of a CLIPTextModelWithProjection, likewise.
struct ClipTextProjectionConfig : ClipTextConfig {
  std::int64_t projection_dim = 512;  ///< of the pooled output

  /// @throws as ClipTextConfig::read()
  static ClipTextProjectionConfig read(ConfigObject json);
  bool operator==(const ClipTextProjectionConfig&) const = default;
};

}  // namespace velatura::models
