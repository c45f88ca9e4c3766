#pragma once

#include <memory>

#include "layers/module.h"
#include "models/ip_adapter/config.h"

namespace velatura::models {

/// Makes of a picture, as an image encoder sees it, tokens for cross-attention. Names are those of
/// the published files.
class ImageProjection : public layers::Module {
 public:
  /// @param features  of base [N, image_dim], else [N, S, image_dim]
  /// @return          [N, T, cross_attention_dim]
  virtual at::Tensor forward(const at::Tensor& features) const = 0;
};

/// Of the kind that the config says.
std::shared_ptr<ImageProjection> make_image_projection(const IpAdapterConfig& config);

}  // namespace velatura::models
