#pragma once

#include <filesystem>

namespace velatura {

/// A path that ends in its last name, also where a folder was given as "folder/".
inline std::filesystem::path without_last_slash(const std::filesystem::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace velatura
