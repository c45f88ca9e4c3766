#include "image/read_metadata.h"

#include "core/read_file.h"
#include "image/formats.h"
#include "velatura/error.h"

namespace velatura {

Metadata read_metadata(const std::filesystem::path& path) {
  return read_metadata(as_byte_view(read_file(path, kLargestFile)), path.string());
}

Metadata read_metadata(ByteView bytes, const std::string& where) {
  switch (recognise_format(bytes, where)) {
    case ImageFormat::png:
      return read_png_metadata(bytes, where);
    case ImageFormat::jpeg:
      return read_jpeg_metadata(bytes, where);
    case ImageFormat::webp:
      return read_webp_metadata(bytes, where);
  }
  throw Error(ErrorKind::internal, "an image format that does not exist");
}

}  // namespace velatura
