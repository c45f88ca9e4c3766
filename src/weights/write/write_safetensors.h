#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "weights/sources/weight_source.h"

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

/// Writes the same file from a source, one tensor after the other: no more than one is in memory.
/// @param names       of the tensors to write
/// @param on_written  called after each; what it throws ends the work with nothing written
/// @throws OutputError, InputError
void write_safetensors(const std::filesystem::path& path, const WeightSource& source,
                       const std::vector<std::string>& names,
                       const std::map<std::string, std::string>& metadata,
                       const std::function<void()>& on_written);

/// Bytes of a tensor's data.
std::uint64_t byte_size(const TensorInfo& info);

}  // namespace velatura::weights
