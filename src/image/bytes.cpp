#include "image/bytes.h"

#include "velatura/error.h"

namespace velatura {

void append(Bytes& bytes, std::string_view text) {
  const ByteView view = as_byte_view(text);
  bytes.insert(bytes.end(), view.begin(), view.end());
}

void append_big_endian(Bytes& bytes, std::uint32_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::byte>(value >> shift & 0xFFu));
  }
}

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ByteView as_byte_view(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

ByteView ByteReader::take(std::size_t count) {
  if (count > bytes_.size()) fail("ends too early");
  const ByteView taken = bytes_.first(count);
  bytes_ = bytes_.subspan(count);
  return taken;
}

std::uint32_t ByteReader::big_endian(int size) {
  std::uint32_t value = 0;
  for (const std::byte byte : take(static_cast<std::size_t>(size))) {
    value = value << 8u | std::to_integer<std::uint32_t>(byte);
  }
  return value;
}

void ByteReader::fail(const std::string& reason) const {
  throw InputError(where_ + ": " + reason);
}

}  // namespace velatura
