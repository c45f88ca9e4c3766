#pragma once

#include <filesystem>
#include <string>

#include "image/bytes.h"
#include "image/picture_texts.h"
#include "velatura/image.h"

namespace velatura {

/// Every text inside a picture file, recognised by its first bytes, whatever program wrote it; in
/// GIF and BMP there are none. Pixels are not decoded.
/// @throws InputError if the file is no picture, is damaged, or a PNG with more than 16 MiB of text
PictureTexts read_picture_texts(const std::filesystem::path& path);

/// @param where  the file, for messages
PictureTexts read_picture_texts(ByteView bytes, const std::string& where);

/// The two texts that velatura writes, empty where there are none.
Metadata metadata_of(const PictureTexts& texts);

/// metadata_of(read_picture_texts(…)): what velatura wrote, and the `parameters` of other programs
/// that keep them in the same places.
Metadata read_metadata(const std::filesystem::path& path);
Metadata read_metadata(ByteView bytes, const std::string& where);

}  // namespace velatura
