#pragma once

#include "image/raster.h"

namespace velatura {

/// Edges (Canny 1986), equal byte for byte to OpenCV's `cv2.Canny(picture, low, high)`: Sobel
/// gradients of 3 × 3 with the edge pixels repeated, |gx| + |gy|, of each pixel the channel that has
/// the largest, thinned across the gradient's direction, and kept above `low` where they hang
/// together with one above `high`.
/// @param low, high  in either order; their whole parts count
/// @return           1 channel, 255 on edges, else 0
Raster canny(const Raster& picture, double low, double high);

}  // namespace velatura
