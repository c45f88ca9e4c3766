#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>

#include "families/fault_finder.h"
#include "models/vae/autoencoder_kl.h"
#include "models/vq_model/vq_model.h"
#include "pipelines/latent_codec.h"
#include "pipelines/tiles.h"
#include "velatura/progress.h"

namespace velatura::families {

/// @param tile  see Autoencoder @param factor  the VAE's
/// @throws UsageError for a tile that is no multiple of four times the factor, or too small
void check_vae_tile(std::optional<int> tile, std::int64_t factor);

/// What makes pictures of latents; of a VQModel latents are certain.
using CodecNetwork =
    std::variant<std::shared_ptr<models::AutoencoderKL>, std::shared_ptr<models::VqModel>>;

/// The VAE as pipelines use it: latents scaled by scaling_factor, large pictures in tiles that are
/// all normalised by the statistics of one excerpt. Pictures are thinned out for that; latents,
/// whose texture thinning would change, are sampled in squares.
/// Where it overflows in half precision it is put into float32 for good, where memory runs out the
/// tiles become smaller for good, and both is said. Float32 that was not asked for stands for half
/// precision's numbers in a wider range, so that a GPU may compute it in TensorFloat-32.
class Autoencoder : public pipelines::LatentCodec {
 public:
  /// Of the numbers in the network. Wide is known to overflow float16: as in diffusers it works in
  /// float32 in its place, and encodes in float32 where it decodes in bfloat16.
  enum class Range { usual, wide };
  using Load = std::function<CodecNetwork(at::ScalarType dtype)>;

  /// @param load  loads the VAE in a dtype; called now, and once more after an overflow
  /// @param asked  the dtype to work in
  /// @param faults  of its weights
  /// @param tile  side of the tiles in pixels; 0: never; absent: tiles above 192² latents
  /// @throws UsageError for a tile that is no multiple of the VAE's factor or too small
  Autoencoder(Load load, at::Device device, at::ScalarType asked, std::optional<int> tile,
              FaultFinder faults = {}, Range range = Range::usual);

  const models::VaeConfig& config() const { return config_; }

  std::int64_t latent_channels() const override { return config().latent_channels; }
  std::int64_t factor() const override { return config().factor(); }
  at::ScalarType dtype() const override { return dtype_; }
  std::int64_t tile_for(std::int64_t height, std::int64_t width) const override;
  pipelines::Posterior encode(const at::Tensor& pixels, Observer& observer) override;
  at::Tensor sample(const pipelines::Posterior& posterior, const at::Tensor& noise) const override;
  at::Tensor sample_uncentred(const pipelines::Posterior& posterior,
                              const at::Tensor& noise) const override;
  at::Tensor decode(const at::Tensor& latents, Observer& observer) override;

 private:
  /// How a large picture is worked on.
  struct Parts {
    pipelines::Tiling tiling;
    at::Tensor excerpt;  ///< of the picture; its statistics stand for those of the whole
  };
  layers::Module& network() const;
  /// What the network itself gives: mean and logarithm of the variance, or latents.
  at::Tensor encode_network(const at::Tensor& pixels, Observer& observer);
  at::Tensor decode_once(const at::Tensor& latents, Observer& observer);
  /// @param when  the work is done, for messages
  at::Tensor run(const at::Tensor& x, const std::optional<Parts>& parts, pipelines::Ratio scale,
                 const std::function<at::Tensor(const at::Tensor&)>& work, const char* when,
                 Observer& observer);

  /// What `work` gives, in ever smaller tiles while memory runs out on such a picture.
  at::Tensor within_memory(std::int64_t height, std::int64_t width,
                           const std::function<at::Tensor()>& work, Observer& observer);

  Load load_;
  at::Device device_;
  at::ScalarType asked_;
  at::ScalarType dtype_;  // in which it works
  std::optional<int> tile_;
  std::optional<CodecNetwork> vae_;  // absent: to be loaded when it is needed
  models::VaeConfig config_;         // of a VQModel what it has in common with a VAE
  FaultFinder faults_;
  Range range_;
};

}  // namespace velatura::families
