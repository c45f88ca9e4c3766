#include "pipelines/depth_estimator.h"

#include <ATen/ATen.h>

#include "image/resize.h"
#include "pipelines/image_tensor.h"

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

at::Tensor DepthEstimator::estimate(const Raster& picture) const {
  const auto [height, width] = processor.target_size(picture.height, picture.width);
  const Raster raster = resize(picture, static_cast<int>(width), static_cast<int>(height),
                               filter_of(processor.resample));
  const auto pixel_values = processor.normalise(to_bytes(raster).contiguous());
  return network->forward(pixel_values.to(device)).unsqueeze(1);
}

}  // namespace velatura::pipelines
