#pragma once

#include <cstdint>

#include "core/config_object.h"

namespace velatura::models {

enum class ClipActivation { quick_gelu, gelu };

/// text_encoder/config.json of a CLIPTextModel; defaults are transformers' own.
struct ClipTextConfig {
  std::int64_t vocab_size = 49408;
  std::int64_t hidden_size = 512;
  std::int64_t intermediate_size = 2048;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 8;
  std::int64_t max_position_embeddings = 77;
  ClipActivation hidden_act = ClipActivation::quick_gelu;
  double layer_norm_eps = 1e-5;
  std::int64_t eos_token_id = 49407;  ///< where the pooled output is taken; see ClipTextOutput

  /// @throws InputError naming what is missing, of the wrong type or not supported
  static ClipTextConfig read(ConfigObject json);
  bool operator==(const ClipTextConfig&) const = default;
};

}  // namespace velatura::models
