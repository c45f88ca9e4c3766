#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "image/bytes.h"
#include "image/picture_texts.h"
#include "image/samples.h"
#include "velatura/image.h"
#include "velatura/progress.h"

namespace velatura {

/// A kind of picture file that can be read.
struct PictureKind {
  std::string_view name;
  std::optional<ImageFormat> written_as;  ///< nothing: it is only read
  Samples (*decode)(ByteView bytes, const std::string& where, Observer& observer);
  PictureTexts (*read_texts)(ByteView bytes, const std::string& where);
};

/// The kind of a picture file by its first bytes, of which 16 are enough.
/// @throws InputError if it is none that can be read, naming what else it is where that is known
const PictureKind& recognise_picture(ByteView bytes, const std::string& where);

/// Whether a file of that name should be a picture, by its extension.
bool has_picture_name(const std::filesystem::path& path);

}  // namespace velatura
