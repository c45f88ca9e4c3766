#pragma once

#include "image/raster.h"

namespace velatura {

/// A rectangle of pixels.
struct Region {
  int x, y, width, height;
};

/// The smallest rectangle around all of a mask that is not black, grown by `padding` and then, as
/// far as the mask's size allows, to the proportions of width : height. As diffusers'
/// padding_mask_crop.
/// @param mask  1 channel, not all black
Region masked_region(const Raster& mask, int width, int height, int padding);

/// True if nothing is masked.
bool is_black(const Raster& mask);

/// Puts `top` on `base` with its upper left corner at (x, y), as far as it lies within.
/// @param base, top  of as many channels
void paste(Raster& base, const Raster& top, int x, int y);

/// `painted` where the mask is white, `original` where it is black (unchanged), mixed between.
/// @param original, painted  3 channels
/// @param mask               1 channel
Raster overlay(const Raster& original, const Raster& painted, const Raster& mask);

}  // namespace velatura
