#pragma once

#include <optional>
#include <vector>

#include "core/noise_source.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// The random numbers of pictures made together, each picture's from a stream of its own, so that
/// none depends on its batch mates.
class BatchNoise {
 public:
  /// For the pictures `first` … `first + count - 1` of a request (which must outlive this).
  BatchNoise(const PictureRequest& request, int first, int count, at::Device device);

  /// Standard normal, [count, …shape] float32 on the device.
  at::Tensor normal(at::IntArrayRef shape);

  /// What the pictures start from: the request's own latents if it has some, else normal().
  at::Tensor starting(at::IntArrayRef shape);

 private:
  std::vector<NoiseSource> sources_;
  const std::optional<Latents>& given_;
  int first_;
  at::Device device_;
};

}  // namespace velatura::pipelines
