#pragma once

#include <cstdint>
#include <vector>

#include "core/config_object.h"

namespace velatura::models {

/// vae/config.json of an AutoencoderKL; defaults are diffusers' own.
struct VaeConfig {
  std::int64_t in_channels = 3;
  std::int64_t out_channels = 3;
  std::vector<std::int64_t> block_out_channels = {64};
  std::int64_t layers_per_block = 1;
  std::int64_t latent_channels = 4;
  std::int64_t norm_num_groups = 32;
  std::int64_t sample_size = 32;
  double scaling_factor = 0.18215;
  /// Of each channel of the latents, before they are scaled; empty: 0 and 1.
  std::vector<double> latents_mean, latents_std;
  bool use_quant_conv = true;
  bool use_post_quant_conv = true;
  bool mid_block_add_attention = true;
  /// Whether a level's ResNet blocks are followed by attention, finest first; empty: none are.
  std::vector<bool> down_attentions, up_attentions;

  /// Pixels a latent stands for, on each side.
  std::int64_t factor() const { return std::int64_t{1} << (block_out_channels.size() - 1); }

  /// Takes the keys of its channels, which a VQModel has as well; not the names of its blocks.
  /// @throws InputError
  void read_channels(ConfigObject& json);

  /// @throws InputError naming what is missing, inconsistent or not supported
  static VaeConfig read(ConfigObject json);
  bool operator==(const VaeConfig&) const = default;
};

}  // namespace velatura::models
