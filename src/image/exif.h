#pragma once

#include <string>
#include <string_view>

#include "image/bytes.h"
#include "image/picture_texts.h"

namespace velatura {

/// An Exif block (a TIFF header and its directories, big endian) with one text, as web UIs write
/// it: tag UserComment (0x9286), `UNICODE\0` and UTF-16BE (Exif 2.32, §4.6.5).
/// @param user_comment  UTF-8
Bytes exif_block(const std::string& user_comment);

/// The text of a UserComment as its writer meant it: the character code that stands before it
/// (`UNICODE\0`, `ASCII\0\0\0`, …) may be missing or wrong. Byte-order marks decide; else UTF-16 has
/// the order in which more of it is ASCII, which is big endian in web UIs whatever the block's own;
/// what is no UTF-8 is Latin-1. Half a surrogate becomes U+FFFD.
std::string decode_user_comment(std::string_view comment);

/// The texts of an Exif block, which may begin with `Exif\0\0`: the UserComment, also where programs
/// put it into the first directory, as `parameters`, Software and ImageDescription by these names,
/// and what ComfyUI keeps as `prompt:{…}` and `workflow:{…}` in other texts' places by what stands
/// before the colon. What is damaged or missing is left out.
PictureTexts read_exif_texts(ByteView block);

/// The Orientation of an Exif block (tag 0x0112), 1 … 8; 1, upright, if there is none or the block
/// is damaged. The block may begin with `Exif\0\0`, as in JPEG.
int read_orientation(ByteView block);

}  // namespace velatura
