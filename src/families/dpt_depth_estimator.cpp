#include "families/dpt_depth_estimator.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>

#include "core/finite.h"
#include "image/resize.h"
#include "pipelines/image_tensor.h"
#include "velatura/error.h"

namespace velatura::families {
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

DptDepthEstimator::DptDepthEstimator(models::DptImageProcessor processor,
                                     std::shared_ptr<models::DptForDepthEstimation> network,
                                     at::Device device, FaultFinder faults)
    : processor_(processor),
      network_(std::move(network)),
      device_(device),
      faults_(std::move(faults)) {}

models::DptImageProcessor::Size input_size(const models::DptImageProcessor& processor,
                                           const Raster& picture) {
  const auto [height, width] = processor.target_size(picture.height, picture.width);
  constexpr auto multiple = models::DptConfig::patch_size;
  if (height % multiple != 0 || width % multiple != 0) {
    throw InputError("the depth estimator takes sizes that are multiples of " +
                     std::to_string(multiple) + ", found " + std::to_string(width) + "x" +
                     std::to_string(height));
  }
  return {height, width};
}

at::Tensor DptDepthEstimator::estimate(const Raster& picture) const {
  const auto [height, width] = input_size(processor_, picture);
  const Raster raster = resize(picture, static_cast<int>(width), static_cast<int>(height),
                               filter_of(processor_.resample));
  const auto pixel_values = processor_.normalise(pipelines::to_bytes(raster).contiguous());
  const auto depth = network_->forward(pixel_values.to(device_)).unsqueeze(1);
  if (!all_finite(depth)) throw faults_.explain("depth estimator", at::kFloat, "for this picture");
  return depth;
}

}  // namespace velatura::families
