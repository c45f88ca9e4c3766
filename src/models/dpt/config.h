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

/// depth_estimator/config.json of a DPTForDepthEstimation; defaults are transformers' own.
struct DptConfig {
  bool hybrid = false;  ///< is_hybrid: a convolutional network stands before the transformer
  std::int64_t hidden_size = 768;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t intermediate_size = 3072;
  double layer_norm_eps = 1e-12;
  bool qkv_bias = true;
  std::int64_t image_size = 384;  ///< side of the square picture the position embeddings are for
  /// The layers whose outputs go on to the neck, from 0: four, or two beside the first two stages of
  /// a hybrid's backbone.
  std::vector<std::int64_t> taps = {2, 5, 8, 11};
  /// Of each map that the neck makes of a tap, over the patches' grid: whole, or one over a whole.
  std::vector<double> factors = {4, 2, 1, 0.5};
  std::array<std::int64_t, 4> neck_hidden_sizes = {256, 512, 768, 768};
  std::int64_t fusion_hidden_size = 256;
  BitConfig backbone;  ///< of a hybrid

  /// Pixels a token stands for, on each side; a backbone's stride.
  static constexpr std::int64_t patch_size = 16;

  /// @throws InputError naming what is missing, inconsistent or not supported
  static DptConfig read(ConfigObject json);
  bool operator==(const DptConfig&) const = default;
};

}  // namespace velatura::models
