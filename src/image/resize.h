#pragma once

#include "image/raster.h"

namespace velatura {

/// bicubic has a = -0.5 (Keys 1981), lanczos three lobes (Turkowski 1990). bicubic_of_boxes is bicubic
/// on the means of boxes of as many whole pixels as a picture shrinks by: Pillow's `reducing_gap=1`.
enum class Filter { nearest, bilinear, bicubic, lanczos, bicubic_of_boxes };

/// The picture in another size, equal byte for byte to Pillow 13's `Image.resize((width, height),
/// filter)`. Shrinking widens the filter, so that every pixel counts. The width is changed first,
/// or the height if it loses more than twice as many pixels; values in between have 8 bits. A
/// direction that keeps its size is left as it is.
/// @param width, height  at least 1
Raster resize(const Raster& raster, int width, int height, Filter filter);

}  // namespace velatura
