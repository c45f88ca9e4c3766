#pragma once

#include <cstdint>

#include "core/config_object.h"

namespace velatura::models {

enum class ClipActivation { quick_gelu, gelu };

/// What CLIP's towers have in common, under transformers' names.
struct ClipLayerConfig {
  std::int64_t hidden_size;
  std::int64_t intermediate_size;
  std::int64_t num_hidden_layers;
  std::int64_t num_attention_heads;
  ClipActivation hidden_act = ClipActivation::quick_gelu;
  double layer_norm_eps = 1e-5;

  /// Takes its keys of a config; what is left out stays. @throws InputError
  void read(ConfigObject& json);
  bool operator==(const ClipLayerConfig&) const = default;
};

/// Passes over what says nothing of the hidden states: dropout, initialisation, what transformers
/// writes about itself.
void ignore_clip_keys(ConfigObject& json);

}  // namespace velatura::models
