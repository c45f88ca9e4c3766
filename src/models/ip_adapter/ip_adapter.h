#pragma once

#include "layers/attention_context.h"
#include "layers/linear.h"
#include "models/ip_adapter/image_projection.h"

namespace velatura::models {

class PictureKeys;

/// An IP-Adapter (Ye et al. 2023): tokens from a picture, and for each cross-attention layer of a
/// UNet its own way of looking at them. Names are those of the published files.
class IpAdapter : public layers::Module {
 public:
  explicit IpAdapter(const IpAdapterConfig& config);
  ~IpAdapter() override;

  /// @param features  see ImageProjection @return [N, T, cross_attention_dim]
  at::Tensor tokens(const at::Tensor& features) const { return image_proj_->forward(features); }

  /// What the UNet's layers see of the tokens, which is the same at every step.
  /// @param tokens [B, T, cross_attention_dim]
  layers::PictureAttention attention(const at::Tensor& tokens, double scale) const;

  const IpAdapterConfig& config() const { return config_; }

 private:
  IpAdapterConfig config_;
  std::shared_ptr<ImageProjection> image_proj_;
  std::vector<std::shared_ptr<PictureKeys>> layers_;
};

}  // namespace velatura::models
