#include "models/ip_adapter/image_projection.h"

#include <ATen/ATen.h>

#include "layers/linear.h"
#include "layers/norm.h"
#include "models/ip_adapter/resampler.h"

namespace velatura::models {

using layers::LayerNorm;
using layers::Linear;

namespace {

class LinearProjection : public ImageProjection {
 public:
  explicit LinearProjection(const IpAdapterConfig& c)
      : tokens_(c.tokens),
        proj_(child<Linear>("proj", c.image_dim, c.tokens * c.cross_attention_dim)),
        norm_(child<LayerNorm>("norm", c.cross_attention_dim)) {}

  at::Tensor forward(const at::Tensor& features) const override {
    return norm_->forward(proj_->forward(features).unflatten(1, {tokens_, -1}));
  }

 private:
  std::int64_t tokens_;
  std::shared_ptr<Linear> proj_;
  std::shared_ptr<LayerNorm> norm_;
};

// The names are those of a sequence whose 1 is GELU.
class FullProjection : public ImageProjection {
  struct Sequence : Module {
    explicit Sequence(const IpAdapterConfig& c)
        : in(child<Linear>("0", c.image_dim, c.image_dim)),
          out(child<Linear>("2", c.image_dim, c.cross_attention_dim)),
          norm(child<LayerNorm>("3", c.cross_attention_dim)) {}
    std::shared_ptr<Linear> in, out;
    std::shared_ptr<LayerNorm> norm;
  };

 public:
  explicit FullProjection(const IpAdapterConfig& c) : proj_(child<Sequence>("proj", c)) {}

  at::Tensor forward(const at::Tensor& features) const override {
    const auto hidden = at::gelu(proj_->in->forward(features));
    return proj_->norm->forward(proj_->out->forward(hidden));
  }

 private:
  std::shared_ptr<Sequence> proj_;
};

}  // namespace

std::shared_ptr<ImageProjection> make_image_projection(const IpAdapterConfig& config) {
  switch (config.projection) {
    case PictureProjection::base:
      return std::make_shared<LinearProjection>(config);
    case PictureProjection::resampler:
      return std::make_shared<Resampler>(config);
    case PictureProjection::full:
      return std::make_shared<FullProjection>(config);
  }
  throw std::logic_error("no such projection");
}

}  // namespace velatura::models
