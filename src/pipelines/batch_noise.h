#pragma once

#include <cstddef>
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

  /// That so many draws of a shape will follow. For a GPU they are drawn and copied many at a time,
  /// in the same order, so that none of them makes it wait.
  void expect(std::size_t draws) { expected_ = draws; }

  /// Standard normal, [B, …shape] float32 on the device.
  at::Tensor normal(at::IntArrayRef shape);

  /// What the pictures start from: what was given, else normal().
  at::Tensor starting(at::IntArrayRef shape);

 private:
  at::Tensor draw(at::IntArrayRef shape);
  void draw_ahead(at::IntArrayRef shape);

  std::vector<NoiseSource> sources_;
  at::Device device_;
  at::Tensor given_;
  std::size_t expected_ = 0;       // draws that were announced and are not drawn yet
  std::vector<at::Tensor> ahead_;  // on the device, the next one last
};

}  // namespace velatura::pipelines
