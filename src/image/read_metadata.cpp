#include "image/read_metadata.h"

#include "core/read_file.h"
#include "image/formats.h"
#include "image/picture_kind.h"

namespace velatura {

PictureTexts read_picture_texts(const std::filesystem::path& path) {
  return read_picture_texts(as_byte_view(read_file(path, kLargestFile)), path.string());
}

PictureTexts read_picture_texts(ByteView bytes, const std::string& where) {
  return recognise_picture(bytes, where).read_texts(bytes, where);
}

Metadata metadata_of(const PictureTexts& texts) {
  const auto text = [&](std::string_view key) {
    const auto found = texts.find(key);
    return found == texts.end() ? std::string() : found->second;
  };
  return {.parameters = text(kParametersKey), .receipt = text(kReceiptKey)};
}

Metadata read_metadata(const std::filesystem::path& path) {
  return metadata_of(read_picture_texts(path));
}

Metadata read_metadata(ByteView bytes, const std::string& where) {
  return metadata_of(read_picture_texts(bytes, where));
}

}  // namespace velatura
