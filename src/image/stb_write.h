#pragma once

#include "image/bytes.h"
#include "velatura/image.h"

namespace velatura {

/// The picture as stb_image_write makes it, without any text. Deflate is libdeflate's.
Bytes stb_png(const Image& image);

/// @param quality  1 … 100; above 90 the colours are stored at full resolution
Bytes stb_jpeg(const Image& image, int quality);

}  // namespace velatura
