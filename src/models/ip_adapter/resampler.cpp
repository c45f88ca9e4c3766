#include "models/ip_adapter/resampler.h"

#include <ATen/ATen.h>

#include "layers/attention.h"

namespace velatura::models {

using layers::LayerNorm;
using layers::Linear;
using layers::Module;
using layers::ModuleList;

namespace {

constexpr std::int64_t kHeadDim = 64;

struct PerceiverAttention : Module {
  explicit PerceiverAttention(const IpAdapterConfig& c)
      : heads(c.attention_dim / kHeadDim),
        norm1(child<LayerNorm>("norm1", c.hidden_dim)),
        norm2(child<LayerNorm>("norm2", c.hidden_dim)),
        to_q(child<Linear>("to_q", c.hidden_dim, c.attention_dim, /*bias=*/false)),
        to_kv(child<Linear>("to_kv", c.hidden_dim, 2 * c.attention_dim, /*bias=*/false)),
        to_out(child<Linear>("to_out", c.attention_dim, c.hidden_dim, /*bias=*/false)) {}

  at::Tensor forward(const at::Tensor& features, const at::Tensor& latents) const {
    const auto queries = norm2->forward(latents);
    const auto kv = to_kv->forward(at::cat({norm1->forward(features), queries}, 1)).chunk(2, -1);
    return to_out->forward(
        layers::multi_head_attention(to_q->forward(queries), kv[0], kv[1], heads));
  }

  std::int64_t heads;
  std::shared_ptr<LayerNorm> norm1, norm2;
  std::shared_ptr<Linear> to_q, to_kv, to_out;
};

// The names are those of a sequence whose 2 is GELU.
struct Mlp : Module {
  explicit Mlp(const IpAdapterConfig& c)
      : norm(child<LayerNorm>("0", c.hidden_dim)),
        widen(child<Linear>("1", c.hidden_dim, c.feed_forward_dim, /*bias=*/false)),
        narrow(child<Linear>("3", c.feed_forward_dim, c.hidden_dim, /*bias=*/false)) {}

  at::Tensor forward(const at::Tensor& x) const {
    return narrow->forward(at::gelu(widen->forward(norm->forward(x))));
  }

  std::shared_ptr<LayerNorm> norm;
  std::shared_ptr<Linear> widen, narrow;
};

}  // namespace

class ResamplerLayer : public Module {
 public:
  explicit ResamplerLayer(const IpAdapterConfig& c)
      : attention_(child<PerceiverAttention>("0", c)), mlp_(child<Mlp>("1", c)) {}

  at::Tensor forward(const at::Tensor& features, const at::Tensor& latents) const {
    const auto hidden = latents + attention_->forward(features, latents);
    return hidden + mlp_->forward(hidden);
  }

 private:
  std::shared_ptr<PerceiverAttention> attention_;
  std::shared_ptr<Mlp> mlp_;
};

Resampler::Resampler(const IpAdapterConfig& c)
    : latents_(declare("latents", {1, c.tokens, c.hidden_dim})),
      proj_in_(child<Linear>("proj_in", c.image_dim, c.hidden_dim)),
      proj_out_(child<Linear>("proj_out", c.hidden_dim, c.cross_attention_dim)),
      norm_out_(child<LayerNorm>("norm_out", c.cross_attention_dim)),
      layers_(child<ModuleList<ResamplerLayer>>("layers")) {
  for (std::int64_t i = 0; i < c.layers; ++i) layers_->add(c);
}

Resampler::~Resampler() = default;

at::Tensor Resampler::forward(const at::Tensor& features) const {
  const auto seen = proj_in_->forward(features);
  at::Tensor latents = latents_.expand({features.size(0), -1, -1});
  for (const auto& layer : *layers_) latents = layer->forward(seen, latents);
  return norm_out_->forward(proj_out_->forward(latents));
}

}  // namespace velatura::models
