#pragma once

#include <cstdint>

#include "image/bytes.h"

namespace velatura {

/// The colour numbers of a run-length encoded BMP (BI_RLE8, BI_RLE4), one byte a pixel in rows of
/// `width` as they are stored. What is skipped is 0, what runs over its row is cut.
/// @param packed  from the first pixel on
/// @param bits    of a number: 8 or 4
/// @throws InputError where it ends too early
Bytes expand_bmp_rle(ByteReader packed, std::uint32_t width, std::uint32_t height, int bits);

}  // namespace velatura
