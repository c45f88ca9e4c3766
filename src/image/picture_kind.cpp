#include "image/picture_kind.h"

#include <algorithm>
#include <array>

#include "core/failed_download.h"
#include "core/text.h"
#include "image/exif.h"
#include "image/formats.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using namespace std::string_view_literals;

/// How files of a kind begin.
struct Mark {
  std::string_view head;
  std::size_t at = 0;
  std::string_view start = ""sv;  ///< of the file, where that is something else

  bool is_in(std::string_view file) const {
    return file.starts_with(start) && file.size() >= at && file.substr(at).starts_with(head);
  }
};

PictureTexts no_texts(ByteView, const std::string&) {
  return {};
}

// A TIFF file is built like an Exif block.
PictureTexts read_tiff_texts(ByteView bytes, const std::string&) {
  return read_exif_texts(bytes);
}

constexpr PictureKind kPng{"PNG", ImageFormat::png, decode_png, read_png_texts};
constexpr PictureKind kJpeg{"JPEG", ImageFormat::jpeg, decode_jpeg, read_jpeg_texts};
constexpr PictureKind kWebp{"WebP", ImageFormat::webp, decode_webp, read_webp_texts};
constexpr PictureKind kGif{"GIF", std::nullopt, decode_gif, no_texts};
constexpr PictureKind kBmp{"BMP", std::nullopt, decode_bmp, no_texts};
constexpr PictureKind kTiff{"TIFF", std::nullopt, decode_tiff, read_tiff_texts};

constexpr std::array<std::pair<Mark, const PictureKind*>, 10> kKinds{{
    {{"\x89PNG\r\n\x1A\n"}, &kPng},
    {{"\xFF\xD8"}, &kJpeg},
    {{"WEBP", 8, "RIFF"}, &kWebp},
    {{"GIF87a"}, &kGif},
    {{"GIF89a"}, &kGif},
    {{"BM"}, &kBmp},
    {{"II*\0"sv}, &kTiff},
    {{"MM\0*"sv}, &kTiff},
    {{"II+\0"sv}, &kTiff},
    {{"MM\0+"sv}, &kTiff},
}};

// What people take for a picture that is read.
constexpr std::array<std::pair<Mark, std::string_view>, 13> kOthers{{
    {{"ftypavif", 4}, "an AVIF picture"},
    {{"ftypavis", 4}, "an AVIF picture"},
    {{"ftypheic", 4}, "a HEIC picture"},
    {{"ftypheix", 4}, "a HEIC picture"},
    {{"ftypmif1", 4}, "a HEIF picture"},
    {{"\xFF\x0A"}, "a JPEG XL picture"},
    {{"JXL ", 4}, "a JPEG XL picture"},
    {{"jP  ", 4}, "a JPEG 2000 picture"},
    {{"8BPS"}, "a Photoshop file"},
    {{"gimp xcf"}, "a GIMP file"},
    {{"\0\0\1\0"sv}, "an icon"},
    {{"<svg"}, "an SVG drawing"},
    {{"%PDF"}, "a PDF document"},
}};

// What a model file is, for one that somebody takes for a picture; empty: none.
std::string_view name_of_weights(std::string_view file) {
  constexpr std::size_t kLength = 8;  ///< of the header, before it
  if (file.starts_with("GGUF")) return "a GGUF file";
  if (file.starts_with("PK\3\4")) return "a PyTorch checkpoint or a zip archive";
  const bool json = file.size() > kLength && file[kLength] == '{';
  return json && file.substr(4).starts_with("\0\0\0\0"sv) ? "a safetensors file" : "";
}

}  // namespace

const PictureKind& recognise_picture(ByteView bytes, const std::string& where) {
  const std::string_view file = as_text(bytes);
  for (const auto& [mark, kind] : kKinds) {
    if (mark.is_in(file)) return *kind;
  }
  if (const auto failed = failed_download(bytes)) throw InputError(where + ": " + *failed);
  if (const auto weights = name_of_weights(file); !weights.empty()) {
    throw InputError(where + ": this is a failed download or the wrong file: " +
                     std::string(weights) + ", not a picture");
  }
  std::string found;
  for (const auto& [mark, name] : kOthers) {
    if (mark.is_in(file)) found = std::string(name) + ", ";
  }
  throw InputError(where + ": " + found + "expected a PNG, JPEG, WebP, GIF, BMP or TIFF picture");
}

bool has_picture_name(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 8> kExtensions{".png", ".jpg", ".jpeg", ".webp",
                                                        ".gif", ".bmp", ".tif",  ".tiff"};
  const std::string extension = in_lower_case(path.extension().string());
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

}  // namespace velatura
