#pragma once

#include <cstdint>
#include <string>

#include "image/bytes.h"
#include "image/picture_texts.h"
#include "image/samples.h"
#include "velatura/image.h"
#include "velatura/progress.h"

namespace velatura {

constexpr std::uintmax_t kLargestFile = 256u << 20;  ///< bytes of a picture file to be read

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

/// The pixels of a picture file, Exif orientation applied; of several pictures the first. What is
/// wrong with a file that Pillow reads all the same is a warning: damaged JPEG data, a PNG that has
/// no end, or something behind it.
/// @param where     the file, for messages
/// @param observer  hears the warnings, which begin with `where`
/// @throws InputError if the file is damaged otherwise, ends too early, or is over the limits of
///         make_samples()
Samples decode_png(ByteView bytes, const std::string& where, Observer& observer);
Samples decode_jpeg(ByteView bytes, const std::string& where, Observer& observer);
Samples decode_webp(ByteView bytes, const std::string& where, Observer& observer);
Samples decode_gif(ByteView bytes, const std::string& where, Observer& observer);
Samples decode_bmp(ByteView bytes, const std::string& where, Observer& observer);
Samples decode_tiff(ByteView bytes, const std::string& where, Observer& observer);

/// Says that only the first of several pictures in a file is read.
inline void warn_of_others(const std::string& where, Observer& observer) {
  observer.on_warning(where + ": only the first of its pictures is read");
}

}  // namespace velatura
