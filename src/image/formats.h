#pragma once

#include <string>

#include "image/bytes.h"
#include "velatura/image.h"

namespace velatura {

/// `parameters` and the receipt (key `velatura`) as tEXt, or iTXt where the text is not Latin-1;
/// XMP as iTXt `XML:com.adobe.xmp` (PNG, 2nd ed., §11.3.4).
Bytes encode_png(const Image& image, const Metadata& metadata);

/// Quality 95, colours at full resolution. `parameters` as Exif UserComment, the receipt inside
/// the XMP packet; each has its own APP1 segment.
/// @throws OutputError if a text is too long for a segment (64 KiB), or a side above 65,535 pixels
Bytes encode_jpeg(const Image& image, const Metadata& metadata);

/// Lossy, quality 95. Text as in JPEG, in the EXIF and XMP chunks.
/// @throws OutputError if a side is above 16,383 pixels
Bytes encode_webp(const Image& image, const Metadata& metadata);

/// What encode_…() wrote. A picture without text gives empty strings.
/// @param where  the file, for messages
/// @throws InputError if the file is damaged
Metadata read_png_metadata(ByteView bytes, const std::string& where);
Metadata read_jpeg_metadata(ByteView bytes, const std::string& where);
Metadata read_webp_metadata(ByteView bytes, const std::string& where);

}  // namespace velatura
