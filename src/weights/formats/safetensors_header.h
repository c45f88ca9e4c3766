#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace velatura::weights {

/// Element types of the safetensors format that are read.
enum class StoredDtype { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean, f8_e4m3, f8_e5m2 };

/// Bytes an element.
std::size_t item_size(StoredDtype dtype);

/// The format's own name: "F32", "BF16", …
std::string_view format_name(StoredDtype dtype);

struct StoredTensor {
  StoredDtype dtype{};
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  ///< first byte, counted from the start of the file
  std::uint64_t end = 0;    ///< one past the last
};

struct SafetensorsHeader {
  std::map<std::string, StoredTensor, std::less<>> tensors;
  std::map<std::string, std::string, std::less<>> metadata;
};

/// Reads a safetensors header (https://github.com/huggingface/safetensors, "Format") and checks it
/// whole: sizes without overflow, no name or key twice, and tensors that cover the data without
/// hole, overlap or rest. Allocates in proportion to the header only; touches no tensor data.
/// @param file   the complete file
/// @param where  the file's name, for messages
/// @throws InputError: one line naming file, tensor and reason
SafetensorsHeader parse_safetensors_header(std::span<const std::byte> file,
                                           const std::string& where);

}  // namespace velatura::weights
