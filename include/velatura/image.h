#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "velatura/progress.h"

namespace velatura {

/// 8-bit RGB picture, rows top to bottom, three bytes a pixel, no padding.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< width * height * 3 bytes
};

/// 16-bit grey picture, such as a mask or a depth map, rows top to bottom, no padding.
struct GrayImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint16_t> values;  ///< width * height, 0 (black) … 65535 (white)
};

/// Where a picture comes from, as XMP says it (IPTC's digital source types).
enum class DigitalSource {
  trained_model,  ///< trainedAlgorithmicMedia
  composite,      ///< only a part: compositeWithTrainedAlgorithmicMedia
  unsaid,
};

/// Text that travels inside a picture file.
struct Metadata {
  /// The block web UIs read (`PROMPT\nNegative prompt: …\nSteps: …`); UTF-8.
  std::string parameters = {};
  /// One JSON object from which the run can be repeated; UTF-8.
  std::string receipt = {};
  DigitalSource source = DigitalSource::trained_model;
};

enum class ImageFormat { png, jpeg, webp };

/// The format a file name's extension asks for (png, jpg, jpeg, webp; case ignored).
/// @throws UsageError for any other extension
ImageFormat image_format(const std::filesystem::path& path);

/// JPEG and WebP are lossy, at quality 95. The text is stored where web UIs look for it, the
/// source in XMP.
/// @return the bytes of a complete picture file
/// @throws OutputError where the format cannot hold the picture (a side of at most 16,383 pixels in
///         WebP, 65,535 in JPEG; in JPEG at most 64 KiB of each text)
std::vector<std::byte> encode_image(const Image& image, ImageFormat format,
                                    const Metadata& metadata);

/// Writes through a temporary file in the same folder, fsync and rename: the file is there whole
/// or not at all. Missing parent folders are made. The name's extension chooses the format.
/// @throws OutputError, UsageError for an extension that is no format
void write_image(const std::filesystem::path& path, const Image& image, const Metadata& metadata);

/// A PNG with 16 bits, written in the same way. @throws OutputError, UsageError for another
/// extension
void write_gray_image(const std::filesystem::path& path, const GrayImage& image);

/// Reads a PNG, JPEG, WebP, GIF, BMP or TIFF file, recognised by its content, as 8-bit RGB; of
/// several pictures the first. Exif orientation is applied, 16-bit samples are rounded to 8 bits,
/// grey becomes R = G = B, CMYK becomes RGB as in Pillow, and what is transparent is laid on white,
/// as web UIs do it. Files that are damaged but can be read, as Pillow can, are read.
/// @param observer  is warned of such damage, of transparency and of further pictures; null: nobody
/// @throws InputError if the file is none of these, is damaged or ends too early, or is above
///         256 MiB, 16,384 pixels a side, 2^26 pixels in all, or 256 MiB decoded
Image read_image(const std::filesystem::path& path, Observer* observer = nullptr);

/// The same from memory.
/// @param where  the file, for messages
Image decode_image(std::span<const std::byte> bytes, const std::string& where,
                   Observer* observer = nullptr);

/// As read_image(), but as grey: 16-bit grey is kept in full, 8-bit values are multiplied by 257,
/// colours become luma (ITU-R BT.601, rounded to 8 bits). Alpha multiplies, as if the picture lay
/// on black: what is transparent in a mask is not painted.
GrayImage read_gray_image(const std::filesystem::path& path, Observer* observer = nullptr);
GrayImage decode_gray_image(std::span<const std::byte> bytes, const std::string& where,
                            Observer* observer = nullptr);

}  // namespace velatura
