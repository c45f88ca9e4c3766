#pragma once

#include <string_view>

#include "image/resize.h"
#include "velatura/request.h"

namespace velatura {

/// "stretch", "crop", "pad"
std::string_view name_of(Fit fit);

/// The picture in another shape; crop and pad keep its proportions and its centre. As diffusers'
/// image processor does it (resize modes default, crop and fill).
Raster fit(const Raster& picture, int width, int height, Fit how, Filter filter);

/// The picture on a larger canvas, its outermost pixels drawn out over what is new.
Raster extend(const Raster& picture, const Margins& margins);

}  // namespace velatura
