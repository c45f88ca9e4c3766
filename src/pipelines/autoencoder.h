#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "models/vae/autoencoder_kl.h"
#include "pipelines/tiles.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// The VAE as pipelines use it: scaled latents, float32 on both sides, large pictures in tiles that
/// are all normalised by the statistics of one excerpt. Pictures are thinned out for that; latents,
/// whose texture thinning would change, are sampled in squares.
/// Where it overflows in half precision it is put into float32 for good, where memory runs out the
/// tiles become smaller for good, and both is said.
class Autoencoder {
 public:
  using Load = std::function<std::shared_ptr<models::AutoencoderKL>(at::ScalarType dtype)>;

  /// @param load  loads the VAE in a dtype; called now, and once more after an overflow
  /// @param tile  side of the tiles in pixels; 0: never; absent: tiles above 192² latents
  /// @throws UsageError for a tile that is no multiple of the VAE's factor or too small
  Autoencoder(Load load, at::Device device, at::ScalarType dtype, std::optional<int> tile);

  const models::VaeConfig& config() const { return vae_->config(); }
  at::ScalarType dtype() const { return dtype_; }

  /// Shape of the latents of a picture: [C, H / factor, W / factor].
  std::vector<std::int64_t> latent_shape(std::int64_t height, std::int64_t width) const;

  /// Side of the tiles, in pixels, that a picture of this size is worked on in; 0: whole.
  std::int64_t tile_for(std::int64_t height, std::int64_t width) const;

  /// @param pixels [1, 3, H, W] in [-1, 1], on any device
  models::AutoencoderKL::Posterior encode(const at::Tensor& pixels, Observer& observer);

  /// Latents of a posterior, as the UNet sees them (scaling_factor applied).
  /// @param noise [B, C, h, w] standard normal
  at::Tensor sample(const models::AutoencoderKL::Posterior& posterior,
                    const at::Tensor& noise) const;

  /// @param latents [1, C, h, w], scaling_factor applied
  /// @return        [1, 3, H, W] in about [-1, 1]
  at::Tensor decode(const at::Tensor& latents, Observer& observer);

 private:
  /// How a large picture is worked on.
  struct Parts {
    Tiling tiling;
    at::Tensor excerpt;  ///< of the picture; its statistics stand for those of the whole
  };
  at::Tensor encode_moments(const at::Tensor& pixels, Observer& observer);
  at::Tensor decode_once(const at::Tensor& latents, Observer& observer);
  at::Tensor run(const at::Tensor& x, const std::optional<Parts>& parts, Ratio scale,
                 const std::function<at::Tensor(const at::Tensor&)>& work, Observer& observer);

  /// What `work` gives, in ever smaller tiles while memory runs out on such a picture.
  at::Tensor within_memory(std::int64_t height, std::int64_t width,
                           const std::function<at::Tensor()>& work, Observer& observer);

  Load load_;
  at::Device device_;
  at::ScalarType dtype_;
  std::optional<int> tile_;
  std::shared_ptr<models::AutoencoderKL> vae_;
};

}  // namespace velatura::pipelines
