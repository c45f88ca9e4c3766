#include "models/clip/encoder_layer.h"

#include <ATen/ATen.h>

#include "layers/attention.h"

namespace velatura::models {

using layers::LayerNorm;
using layers::Linear;
using layers::Module;
using layers::ModuleList;

class ClipEncoderLayer::SelfAttention : public Module {
 public:
  SelfAttention(const ClipLayerConfig& c, bool causal)
      : heads_(c.num_attention_heads),
        causal_(causal),
        q_proj_(child<Linear>("q_proj", c.hidden_size, c.hidden_size)),
        k_proj_(child<Linear>("k_proj", c.hidden_size, c.hidden_size)),
        v_proj_(child<Linear>("v_proj", c.hidden_size, c.hidden_size)),
        out_proj_(child<Linear>("out_proj", c.hidden_size, c.hidden_size)) {}

  at::Tensor forward(const at::Tensor& x) const {
    return out_proj_->forward(layers::multi_head_attention(q_proj_->forward(x), k_proj_->forward(x),
                                                           v_proj_->forward(x), heads_,
                                                           {.causal = causal_}));
  }

 private:
  std::int64_t heads_;
  bool causal_;
  std::shared_ptr<Linear> q_proj_, k_proj_, v_proj_, out_proj_;
};

class ClipEncoderLayer::Mlp : public Module {
 public:
  explicit Mlp(const ClipLayerConfig& c)
      : activation_(c.hidden_act),
        fc1_(child<Linear>("fc1", c.hidden_size, c.intermediate_size)),
        fc2_(child<Linear>("fc2", c.intermediate_size, c.hidden_size)) {}

  at::Tensor forward(const at::Tensor& x) const {
    const auto hidden = fc1_->forward(x);
    return fc2_->forward(activation_ == ClipActivation::gelu
                             ? at::gelu(hidden)
                             : hidden * at::sigmoid(1.702 * hidden));
  }

 private:
  ClipActivation activation_;
  std::shared_ptr<Linear> fc1_, fc2_;
};

ClipEncoderLayer::ClipEncoderLayer(const ClipLayerConfig& c, bool causal)
    : self_attn_(child<SelfAttention>("self_attn", c, causal)),
      layer_norm1_(child<LayerNorm>("layer_norm1", c.hidden_size, c.layer_norm_eps)),
      mlp_(child<Mlp>("mlp", c)),
      layer_norm2_(child<LayerNorm>("layer_norm2", c.hidden_size, c.layer_norm_eps)) {}

at::Tensor ClipEncoderLayer::forward(const at::Tensor& x) const {
  const layers::Visit visit(*this);
  const auto hidden = x + self_attn_->forward(layer_norm1_->forward(x));
  return hidden + mlp_->forward(layer_norm2_->forward(hidden));
}

ClipEncoder::ClipEncoder(const ClipLayerConfig& config, bool causal)
    : layers_(child<ModuleList<ClipEncoderLayer>>("layers")) {
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) layers_->add(config, causal);
}

}  // namespace velatura::models
