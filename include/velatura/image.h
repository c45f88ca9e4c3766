#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace velatura {

/// 8-bit RGB picture, rows top to bottom, three bytes a pixel, no padding.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< width * height * 3 bytes
};

/// Text that travels inside a picture file.
struct Metadata {
  std::string
      parameters;  ///< the block web UIs read (`PROMPT\nNegative prompt: …\nSteps: …`); UTF-8
  std::string receipt;  ///< one JSON object from which the run can be repeated; UTF-8
};

enum class ImageFormat { png, jpeg, webp };

/// The format a file name's extension asks for (png, jpg, jpeg, webp; case ignored).
/// @throws UsageError for any other extension
ImageFormat image_format(const std::filesystem::path& path);

/// JPEG and WebP are lossy, at quality 95. The text is stored where web UIs look for it; XMP says
/// that a trained model made the picture.
/// @return the bytes of a complete picture file
/// @throws OutputError where the format cannot hold the picture (a side of at most 16,383 pixels in
///         WebP, 65,535 in JPEG; in JPEG at most 64 KiB of each text)
std::vector<std::byte> encode_image(const Image& image, ImageFormat format,
                                    const Metadata& metadata);

/// Writes through a temporary file in the same folder, fsync and rename: the file is there whole
/// or not at all. Missing parent folders are made. The name's extension chooses the format.
/// @throws OutputError, UsageError for an extension that is no format
void write_image(const std::filesystem::path& path, const Image& image, const Metadata& metadata);

}  // namespace velatura
