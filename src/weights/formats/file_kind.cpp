#include "weights/formats/file_kind.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/failed_download.h"

namespace velatura::weights {
namespace {

// How files begin that people take for weights.
struct FileMark {
  std::string_view head;
  std::size_t at;
  std::string_view what;  ///< the rest of a message
};

constexpr auto kFileMarks = std::to_array<FileMark>({
    {"GGUF", 0, "is a GGUF file, which is not supported"},
    {"\x89HDF", 0, "is an HDF5 file, which is not supported"},
    {"\x89PNG", 0, "this is a failed download or the wrong file: a PNG picture, not weights"},
    {"\xFF\xD8\xFF", 0, "this is a failed download or the wrong file: a JPEG picture, not weights"},
    {"WEBP", 8, "this is a failed download or the wrong file: a WebP picture, not weights"},
    {"GIF8", 0, "this is a failed download or the wrong file: a GIF picture, not weights"},
    {"ftyp", 4, "this is a failed download or the wrong file: a film or picture, not weights"},
    {"%PDF", 0, "this is a failed download or the wrong file: a PDF document, not weights"},
    {"\x1F\x8B", 0, "is packed with gzip: unpack it first"},
    {"7z\xBC\xAF", 0, "is a 7z archive: unpack it first"},
    {"Rar!", 0, "is a RAR archive: unpack it first"},
});

}  // namespace

std::optional<std::string> foreign_content(std::span<const std::byte> file) {
  if (auto failed = failed_download(file)) return failed;
  const std::string_view head(reinterpret_cast<const char*>(file.data()),
                              std::min<std::size_t>(file.size(), 64));
  for (const auto& [mark, at, what] : kFileMarks) {
    if (head.size() > at && head.substr(at).starts_with(mark)) return std::string(what);
  }
  return std::nullopt;
}

bool is_checkpoint_name(const std::filesystem::path& name) {
  return name.extension() == ".safetensors" || name.extension() == ".ckpt";
}

}  // namespace velatura::weights
