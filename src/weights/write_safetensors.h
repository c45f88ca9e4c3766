#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace velatura::weights {

/// A complete .safetensors file. Wider element types come first, so that every tensor is aligned;
/// within a type, names are sorted.
/// @param tensors  of any layout and device, of a dtype that SafetensorsFile reads
std::vector<std::byte> encode_safetensors(const std::map<std::string, at::Tensor>& tensors,
                                          const std::map<std::string, std::string>& metadata = {});

/// Writes encode_safetensors() to `path`, whole or not at all. @throws OutputError
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace velatura::weights
