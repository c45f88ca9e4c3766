#pragma once

#include <cstdint>
#include <string>

#include "image/bytes.h"
#include "image/picture_texts.h"
#include "image/samples.h"
#include "velatura/image.h"

namespace velatura {

constexpr std::uintmax_t kLargestFile = 256u << 20;  ///< bytes of a picture file to be read

/// The format of a picture file by its first bytes.
/// @throws InputError if it is none that can be read
ImageFormat recognise_format(ByteView bytes, const std::string& where);

/// `parameters` and the receipt (key `velatura`) as tEXt, or iTXt where the text is not Latin-1;
/// XMP as iTXt `XML:com.adobe.xmp` (PNG, 2nd ed., §11.3.4).
Bytes encode_png(const Image& image, const Metadata& metadata);

/// 16 bits of grey, without text.
Bytes encode_gray_png(const GrayImage& image);

/// Quality 95, colours at full resolution. `parameters` as Exif UserComment, the receipt inside
/// the XMP packet; each has its own APP1 segment.
/// @throws OutputError if a text is too long for a segment (64 KiB), or a side above 65,535 pixels
Bytes encode_jpeg(const Image& image, const Metadata& metadata);

/// Lossy, quality 95. Text as in JPEG, in the EXIF and XMP chunks.
/// @throws OutputError if a side is above 16,383 pixels
Bytes encode_webp(const Image& image, const Metadata& metadata);

/// The texts of a picture file, other programs' among them: in PNG every tEXt, zTXt and iTXt.
/// @param where  the file, for messages
/// @throws InputError if the file is damaged, or a PNG has more than 16 MiB of text
PictureTexts read_png_texts(ByteView bytes, const std::string& where);
PictureTexts read_jpeg_texts(ByteView bytes, const std::string& where);
PictureTexts read_webp_texts(ByteView bytes, const std::string& where);

/// The pixels of a picture file, Exif orientation applied.
/// @param where  the file, for messages
/// @throws InputError if the file is damaged, over the limits of make_samples(), a CMYK JPEG or an
///         animated WebP. A PNG must end where its last chunk does
Samples decode_png(ByteView bytes, const std::string& where);
Samples decode_jpeg(ByteView bytes, const std::string& where);
Samples decode_webp(ByteView bytes, const std::string& where);

}  // namespace velatura
