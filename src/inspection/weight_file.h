#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace velatura::inspection {

struct WeightFile {
  std::filesystem::path path;
  std::uintmax_t bytes = 0;
  std::string sha256;  ///< empty: not known
};

/// @param hash  work the hash out where it is not cached: seconds for a file of gigabytes
/// @throws InputError if the file cannot be read
WeightFile inspect_weight_file(const std::filesystem::path& path, bool hash);

}  // namespace velatura::inspection
