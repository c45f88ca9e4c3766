#pragma once

#include <memory>
#include <tuple>
#include <utility>

#include "layers/module.h"

namespace velatura::layers {

/// What groups of channels are normalised by, of all samples or of each: [1 or B, G, 1, 1, 1] float32.
struct NormMoments {
  at::Tensor mean, variance;
};

/// Where a norm takes its statistics from, if not from its input alone.
class NormStatistics {
 public:
  virtual ~NormStatistics() = default;
  /// @param x  the norm's input, [B, G, C / G, H, W]
  virtual NormMoments of(const at::Tensor& x) = 0;
};

/// Group normalisation (Wu & He 2018) of [B, C, H, W] over `groups` groups of channels.
class GroupNorm : public Module {
 public:
  GroupNorm(std::int64_t groups, std::int64_t channels, double eps);
  /// @param x  if it is given away, its memory may be used
  at::Tensor forward(at::Tensor x) const;
  /// SiLU of the normalised input, as every ResNet block wants it.
  /// @param addend  [B or 1, C], added to the input by channel; undefined: nothing is
  at::Tensor forward_silu(at::Tensor x, const at::Tensor& addend = {}) const;

  /// From now on its statistics are these; null: its input's, of each sample.
  void go_by(std::shared_ptr<NormStatistics> statistics) { statistics_ = std::move(statistics); }

 private:
  at::Tensor normalise(at::Tensor input, bool silu, const at::Tensor& addend) const;

  std::int64_t groups_;
  double eps_;
  at::Tensor weight_, bias_;                    // [C]
  std::shared_ptr<NormStatistics> statistics_;  // null: its input's
};

/// For working on a picture in parts: while it lives, every GroupNorm of a model normalises by the
/// statistics of the first input that it is given, over all of [B, C, H, W], so that parts are
/// treated alike.
class HeldStatistics {
 public:
  explicit HeldStatistics(Module& model);
  ~HeldStatistics();
  HeldStatistics(const HeldStatistics&) = delete;
  HeldStatistics& operator=(const HeldStatistics&) = delete;

 private:
  Module& model_;
};

/// Layer normalisation (Ba et al. 2016) over the last dimension.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(std::int64_t channels, double eps = 1e-5);
  at::Tensor forward(const at::Tensor& x) const;
  /// Of a sum, as one operator. @return the sum, and it normalised
  std::tuple<at::Tensor, at::Tensor> forward_sum(const at::Tensor& x,
                                                 const at::Tensor& residual) const;

 private:
  std::int64_t channels_;
  double eps_;
  at::Tensor weight_, bias_;  // [C]
};

}  // namespace velatura::layers
