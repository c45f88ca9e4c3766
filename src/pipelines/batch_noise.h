#pragma once

#include <vector>

#include "core/noise_source.h"

namespace velatura::pipelines {

/// The random numbers of pictures made together, each picture's from a stream of its own, so that
/// none depends on its batch mates.
class BatchNoise {
 public:
  /// @param sources  one a picture
  /// @param given    [B, C, h, w] float32: what the pictures start from; undefined: noise
  BatchNoise(std::vector<NoiseSource> sources, at::Device device, at::Tensor given = {});

  /// Standard normal, [B, …shape] float32 on the device.
  at::Tensor normal(at::IntArrayRef shape);

  /// What the pictures start from: what was given, else normal().
  at::Tensor starting(at::IntArrayRef shape);

 private:
  std::vector<NoiseSource> sources_;
  at::Device device_;
  at::Tensor given_;
};

}  // namespace velatura::pipelines
