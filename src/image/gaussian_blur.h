#pragma once

#include "image/raster.h"

namespace velatura {

/// The picture blurred, equal byte for byte to Pillow's `ImageFilter.GaussianBlur(radius)`: in each
/// direction three passes of a box whose two outermost pixels count in part (Gwosdek et al. 2011),
/// in fixed point, with the edge pixels repeated beyond the edge.
/// @param radius  the standard deviation in pixels, at least 0
Raster gaussian_blur(const Raster& raster, float radius);

}  // namespace velatura
