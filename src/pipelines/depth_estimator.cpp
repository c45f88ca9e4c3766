#include "pipelines/depth_estimator.h"

#include <ATen/ATen.h>

#include "image/resize.h"

namespace velatura::pipelines {
namespace {

Filter filter_of(models::DptResample resample) {
  switch (resample) {
    case models::DptResample::lanczos:
      return Filter::lanczos;
    case models::DptResample::bilinear:
      return Filter::bilinear;
    case models::DptResample::bicubic:
      break;
  }
  return Filter::bicubic;
}

}  // namespace

at::Tensor DepthEstimator::estimate(const Image& image) const {
  const auto [height, width] = processor.target_size(image.height, image.width);
  const Raster raster = resize(to_raster(image), static_cast<int>(width), static_cast<int>(height),
                               filter_of(processor.resample));
  const auto bytes = at::from_blob(const_cast<std::uint8_t*>(raster.pixels.data()),
                                   {1, height, width, 3}, at::kByte);
  const auto pixel_values = processor.normalise(bytes.permute({0, 3, 1, 2}).contiguous());
  return network->forward(pixel_values.to(device)).unsqueeze(1);
}

}  // namespace velatura::pipelines
