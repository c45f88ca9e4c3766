#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config_object.h"

namespace velatura::models {

/// What an IP-Adapter makes tokens of a picture from.
enum class PictureProjection {
  base,       ///< the picture in one vector: linear
  resampler,  ///< "plus": all that goes into the encoder's last layer, by attention
  full,       ///< "full face": the same, each token by itself
};

/// An IP-Adapter as its file's tensors tell it, see weights::open_ip_adapter.
struct IpAdapterConfig {
  PictureProjection projection = PictureProjection::base;
  std::int64_t image_dim = 0;            ///< of what comes from the image encoder
  std::int64_t cross_attention_dim = 0;  ///< of the tokens
  std::int64_t tokens = 0;               ///< a picture, of base and resampler
  std::int64_t hidden_dim = 0;           ///< of the resampler, as those that follow
  std::int64_t attention_dim = 0;
  std::int64_t feed_forward_dim = 0;
  std::int64_t layers = 0;
  /// Of the UNet's cross-attention layers, see cross_attention_widths().
  std::vector<std::int64_t> attention_widths;

  /// @throws InputError
  static IpAdapterConfig read(ConfigObject json);
  bool operator==(const IpAdapterConfig&) const = default;
};

}  // namespace velatura::models
