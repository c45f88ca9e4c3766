#include "image/read_metadata.h"

#include <string_view>

#include "core/read_file.h"
#include "image/formats.h"
#include "velatura/error.h"

namespace velatura {

Metadata read_metadata(const std::filesystem::path& path) {
  constexpr std::uintmax_t kLargestPicture = 256u << 20;
  return read_metadata(as_byte_view(read_file(path, kLargestPicture)), path.string());
}

Metadata read_metadata(ByteView bytes, const std::string& where) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\x89PNG\r\n\x1A\n")) return read_png_metadata(bytes, where);
  if (text.starts_with("\xFF\xD8")) return read_jpeg_metadata(bytes, where);
  if (text.starts_with("RIFF") && text.substr(0, 12).ends_with("WEBP")) {
    return read_webp_metadata(bytes, where);
  }
  throw InputError(where + ": expected a PNG, JPEG or WebP picture");
}

}  // namespace velatura
