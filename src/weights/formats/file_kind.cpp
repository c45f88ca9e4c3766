#include "weights/formats/file_kind.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace velatura::weights {

std::optional<std::string> foreign_content(std::span<const std::byte> file) {
  const std::string_view head(reinterpret_cast<const char*>(file.data()),
                              std::min<std::size_t>(file.size(), 256));
  std::string text(head.substr(std::min(head.find_first_not_of(" \t\r\n"), head.size())));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });

  if (head.starts_with("version https://git-lfs")) {
    return "is a Git LFS pointer, not the weights: run `git lfs pull` in that folder";
  }
  if (text.starts_with("<!doctype html") || text.starts_with("<html") ||
      text.starts_with("<?xml")) {
    return "is a web page, not a model: the download link led to a page; download the file itself";
  }
  if (head.starts_with("GGUF")) return "is a GGUF file, which is not supported";
  if (head.starts_with("\x89HDF")) return "is an HDF5 file, which is not supported";
  return std::nullopt;
}

bool is_checkpoint_name(const std::filesystem::path& name) {
  return name.extension() == ".safetensors" || name.extension() == ".ckpt";
}

}  // namespace velatura::weights
