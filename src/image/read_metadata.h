#pragma once

#include <filesystem>
#include <string>

#include "image/bytes.h"
#include "velatura/image.h"

namespace velatura {

/// The text inside a PNG, JPEG or WebP file, recognised by its first bytes: what velatura wrote,
/// and the `parameters` of other programs that keep them in the same places. Empty if there is
/// none. Pixels are not decoded.
/// @throws InputError if the file is none of the three, or damaged
Metadata read_metadata(const std::filesystem::path& path);

/// @param where  the file, for messages
Metadata read_metadata(ByteView bytes, const std::string& where);

}  // namespace velatura
