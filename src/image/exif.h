#pragma once

#include <optional>
#include <string>

#include "image/bytes.h"

namespace velatura {

/// An Exif block (a TIFF header and its directories, big endian) with one text, as web UIs write
/// it: tag UserComment (0x9286), `UNICODE\0` and UTF-16BE (Exif 2.32, §4.6.5).
/// @param user_comment  UTF-8
Bytes exif_block(const std::string& user_comment);

/// The UserComment of an Exif block, as UTF-8. Its UTF-16 is taken as big endian, as web UIs write
/// it whatever the block's own byte order. Nothing if there is none, or if the block is damaged.
std::optional<std::string> read_user_comment(ByteView block);

/// The Orientation of an Exif block (tag 0x0112), 1 … 8; 1, upright, if there is none or the block
/// is damaged. The block may begin with `Exif\0\0`, as in JPEG.
int read_orientation(ByteView block);

}  // namespace velatura
