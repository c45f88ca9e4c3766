#pragma once

#include "layers/linear.h"
#include "layers/norm.h"
#include "models/ip_adapter/image_projection.h"

namespace velatura::models {

class ResamplerLayer;

/// A few learnt queries that look at all of a picture's features again and again (the perceiver of
/// Alayrac et al. 2022, as in IP-Adapter plus).
class Resampler : public ImageProjection {
 public:
  explicit Resampler(const IpAdapterConfig& config);
  ~Resampler() override;
  at::Tensor forward(const at::Tensor& features) const override;

 private:
  at::Tensor latents_;  // [1, tokens, hidden_dim]
  std::shared_ptr<layers::Linear> proj_in_, proj_out_;
  std::shared_ptr<layers::LayerNorm> norm_out_;
  std::shared_ptr<layers::ModuleList<ResamplerLayer>> layers_;
};

}  // namespace velatura::models
