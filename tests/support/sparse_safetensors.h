#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace velatura::testing {

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

/// A valid .safetensors file of float16 zeros, however large: a header, and behind it a hole that
/// takes no room on the disk.
inline void write_sparse_safetensors(const std::filesystem::path& path, const Shapes& shapes,
                                     const std::map<std::string, std::string>& metadata = {}) {
  nlohmann::ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t end = 0;
  for (const auto& [name, shape] : shapes) {
    const std::uint64_t begin = end;
    std::uint64_t size = 2;
    for (const std::int64_t dimension : shape) size *= static_cast<std::uint64_t>(dimension);
    end += size;
    header[name] = {{"dtype", "F16"}, {"shape", shape}, {"data_offsets", {begin, end}}};
  }
  const std::string text = header.dump();
  std::ofstream file(path, std::ios::binary);
  for (int i = 0; i < 8; ++i) file.put(static_cast<char>(text.size() >> (8 * i) & 0xff));
  file << text;
  file.close();
  std::filesystem::resize_file(path, 8 + text.size() + end);
}

}  // namespace velatura::testing
