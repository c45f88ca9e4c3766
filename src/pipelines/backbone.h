#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "pipelines/conditioning.h"
#include "pipelines/residuals.h"
#include "velatura/error.h"

namespace velatura::pipelines {

/// What a backbone has worked out for a run, for each of its steps: its own business.
class BackboneRun {
 public:
  virtual ~BackboneRun() = default;
};

/// What a picture's tiles are to have in common from call to call, sample by sample: a backbone's own
/// business.
class TileStatistics {
 public:
  virtual ~TileStatistics() = default;
  /// All tiles were predicted, in the order in which they will be again.
  virtual void finish_round() = 0;
};

/// That latents are a tile of larger ones.
struct TilePart {
  TileStatistics* statistics = nullptr;  ///< from share_statistics(); null: the tile is by itself
  at::Tensor share = {};                 ///< [h, w] float32: how much of each latent is this tile's
};

/// All that one call of a backbone depends on, on its device: tensors only.
struct BackboneInput {
  at::Tensor latents;            ///< [B, in_channels, h, w] float32
  at::Tensor timesteps;          ///< [B] float32: training time; need not be whole
  at::Tensor class_labels = {};  ///< [B] int64; undefined for backbones without class labels
  Conditioning conditioning;
  Residuals residuals = {};          ///< what networks beside the backbone add
  const BackboneRun* run = nullptr;  ///< from begin(), for the same conditioning; null: none
  std::size_t step = 0;              ///< which of the run's timesteps it is
  TilePart tile = {};
};

/// The network that denoises: predicts what it was trained to predict from noisy latents.
class Backbone {
 public:
  virtual ~Backbone() = default;
  /// Works out what stays the same in all steps of a run. @return null if that gains nothing
  /// @param class_labels  as BackboneInput has them @param timesteps  of all its steps
  virtual std::shared_ptr<const BackboneRun> begin(const Conditioning&,
                                                   const at::Tensor& class_labels,
                                                   std::span<const double> timesteps) const {
    (void)class_labels, (void)timesteps;
    return nullptr;
  }
  /// For one run in tiles. @return null if each tile is to be by itself
  virtual std::unique_ptr<TileStatistics> share_statistics() const { return nullptr; }
  /// @return [B, C, h, w] float32
  virtual at::Tensor predict(const BackboneInput& input) const = 0;
  /// Why it has given what is not finite. @param when  "at step 3 of 20"
  virtual InputError not_finite(const std::string& when) const = 0;
};

}  // namespace velatura::pipelines
