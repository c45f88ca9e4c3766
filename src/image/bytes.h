#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace velatura {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

void append(Bytes& bytes, std::string_view text);
void append_big_endian(Bytes& bytes, std::uint32_t value, int size);  ///< size: 1 … 4 bytes

std::string_view as_text(ByteView bytes);
ByteView as_byte_view(std::string_view text);

/// Reads a picture file front to back. @throws InputError where the bytes end too early
class ByteReader {
 public:
  /// @param where  the file, for messages
  ByteReader(ByteView bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  std::size_t left() const { return bytes_.size(); }
  ByteView take(std::size_t count);
  std::uint32_t big_endian(int size);
  [[noreturn]] void fail(const std::string& reason) const;

 private:
  ByteView bytes_;
  std::string where_;
};

}  // namespace velatura
