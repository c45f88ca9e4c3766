#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "velatura/image.h"

namespace velatura {

/// Pixels as a decoder gives them, rows top to bottom, no padding.
struct Samples {
  int width = 0;
  int height = 0;
  int channels = 0;  ///< 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha;
                     ///< not premultiplied
  int bits = 0;      ///< of a sample: 8, or 16 in big endian
  std::vector<std::uint8_t> bytes;
};

/// Room for a picture.
/// @param where  the file, for messages
/// @throws InputError above 16,384 pixels a side, 2^26 pixels in all, or 256 MiB; before anything
///         is allocated
Samples make_samples(std::uint32_t width, std::uint32_t height, int channels, int bits,
                     const std::string& where);

/// The picture as it is to be seen, by its Exif orientation (Exif 2.32, §4.6.4).
/// @param orientation  1 … 8
Samples oriented(Samples samples, int orientation);

/// Whether alpha is anywhere below its highest value.
bool is_see_through(const Samples& samples);

/// 8-bit CMYK to RGB as Pillow converts it, in place: the first three of every four bytes become
/// the colour, and the fourth is left out.
/// @param inverted  0 is full ink, as Adobe's JPEG files have it
void rgb_from_cmyk(Samples& samples, bool inverted);

/// As read_image() and read_gray_image() promise.
Image to_image(Samples samples);
GrayImage to_gray_image(const Samples& samples);

}  // namespace velatura
