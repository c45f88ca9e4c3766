#pragma once

#include "layers/linear.h"
#include "layers/module.h"
#include "layers/norm.h"
#include "models/clip/layer_config.h"

namespace velatura::models {

/// One layer of a CLIP tower (Radford et al. 2021), transformers' CLIPEncoderLayer: self-attention
/// and a perceptron, each with a norm before it and a residual around it.
class ClipEncoderLayer : public layers::Module {
 public:
  /// @param causal  token n sees tokens 0 … n only, as in the text tower
  ClipEncoderLayer(const ClipLayerConfig& config, bool causal);
  /// @param x [B, T, hidden_size]  @return the same shape
  at::Tensor forward(const at::Tensor& x) const;
  bool comes_alone() const override { return true; }

 private:
  class SelfAttention;
  class Mlp;
  std::shared_ptr<SelfAttention> self_attn_;
  std::shared_ptr<layers::LayerNorm> layer_norm1_;
  std::shared_ptr<Mlp> mlp_;
  std::shared_ptr<layers::LayerNorm> layer_norm2_;
};

/// A tower's layers under their names: `layers.0`, `layers.1`, ….
class ClipEncoder : public layers::Module {
 public:
  ClipEncoder(const ClipLayerConfig& config, bool causal);
  const layers::ModuleList<ClipEncoderLayer>& layers() const { return *layers_; }

 private:
  std::shared_ptr<layers::ModuleList<ClipEncoderLayer>> layers_;
};

}  // namespace velatura::models
