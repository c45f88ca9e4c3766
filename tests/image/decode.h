#pragma once

#include "image/bytes.h"
#include "velatura/image.h"

namespace velatura {

/// The pixels of a picture file, by decoders that are not the program's: stb_image for PNG and
/// JPEG, libwebp for WebP. Throws std::runtime_error.
Image decode_image(ByteView bytes);
GrayImage decode_gray_image(ByteView bytes);  ///< 16 bits of grey, by stb_image

/// A smooth picture with every colour channel in it, which lossy formats keep well.
Image gradient(int width, int height);

/// The largest difference of two channel values; 256 if the sizes differ.
int largest_difference(const Image& a, const Image& b);

}  // namespace velatura
