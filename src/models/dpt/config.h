#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/config_object.h"

namespace velatura::models {

/// backbone_config of a hybrid DPT: the convolutional network (BiT) before the transformer.
/// Defaults are those DPTConfig gives a hybrid model.
struct BitConfig {
  std::int64_t embedding_size = 64;
  std::array<std::int64_t, 3> hidden_sizes = {256, 512, 1024};  ///< a stage each
  std::array<std::int64_t, 3> depths = {3, 4, 9};               ///< layers of each stage
  std::int64_t num_groups = 32;

  /// @throws InputError naming what is missing, inconsistent or not supported
  static BitConfig read(ConfigObject json);
  bool operator==(const BitConfig&) const = default;
};

/// depth_estimator/config.json of a DPTForDepthEstimation with `is_hybrid`; defaults are
/// transformers' own.
struct DptConfig {
  std::int64_t hidden_size = 768;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t intermediate_size = 3072;
  double layer_norm_eps = 1e-12;
  bool qkv_bias = true;
  std::int64_t image_size = 384;  ///< side of the square picture the position embeddings are for
  /// The layers whose outputs go on to the neck, beside the backbone's first two stages; from 0.
  std::array<std::int64_t, 2> taps = {8, 11};
  std::array<std::int64_t, 4> neck_hidden_sizes = {256, 512, 768, 768};
  std::int64_t fusion_hidden_size = 256;
  BitConfig backbone;

  /// Pixels a token stands for, on each side; the backbone's stride.
  static constexpr std::int64_t patch_size = 16;

  /// @throws InputError naming what is missing, inconsistent or not supported
  static DptConfig read(ConfigObject json);
  bool operator==(const DptConfig&) const = default;
};

}  // namespace velatura::models
