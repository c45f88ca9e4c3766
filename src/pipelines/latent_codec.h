#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "velatura/progress.h"

namespace velatura::pipelines {

/// The latents that a picture may have, before they are scaled.
struct Posterior {
  at::Tensor mean;               ///< [1, C, h, w] float32
  at::Tensor log_variance = {};  ///< likewise; undefined: these are the latents, nothing is drawn

  bool is_certain() const { return !log_variance.defined(); }
};

/// The way from pixels in [-1, 1] to latents as the backbone sees them, and back; float32 on both
/// sides, whatever it works in.
class LatentCodec {
 public:
  virtual ~LatentCodec() = default;

  virtual std::int64_t latent_channels() const = 0;
  /// Pixels a latent stands for, on each side.
  virtual std::int64_t factor() const = 0;
  /// What it works in, which may change while it works.
  virtual at::ScalarType dtype() const = 0;
  /// Side of the tiles, in pixels, that a picture of this size is worked on in; 0: whole.
  virtual std::int64_t tile_for(std::int64_t height, std::int64_t width) const = 0;

  /// @param pixels [1, 3, H, W] in [-1, 1], on any device
  virtual Posterior encode(const at::Tensor& pixels, Observer& observer) = 0;

  /// Latents of a posterior, scaled.
  /// @param noise [B, C, h, w] standard normal; not looked at where the posterior is certain
  virtual at::Tensor sample(const Posterior& posterior, const at::Tensor& noise) const = 0;

  /// The same without the latents' own mean and deviation, as diffusers' inpainting leaves them out.
  virtual at::Tensor sample_uncentred(const Posterior& posterior,
                                      const at::Tensor& noise) const = 0;

  /// @param latents [1, C, h, w], scaled
  /// @return        [1, 3, H, W] in about [-1, 1]
  virtual at::Tensor decode(const at::Tensor& latents, Observer& observer) = 0;

  /// Shape of the latents of a picture: [C, H / factor, W / factor].
  std::vector<std::int64_t> latent_shape(std::int64_t height, std::int64_t width) const {
    return {latent_channels(), height / factor(), width / factor()};
  }
};

}  // namespace velatura::pipelines
