#include "tokenizer/protobuf.h"

#include <bit>
#include <optional>

namespace velatura::tokenizer {
namespace {

// Wire types.
constexpr std::uint64_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

// Takes a number from the front.
std::optional<std::uint64_t> take_varint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return {};
}

std::optional<std::uint64_t> take_fixed(std::string_view& rest, std::size_t width) {
  if (rest.size() < width) return {};
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
  rest.remove_prefix(width);
  return value;
}

void append_varint(std::string& message, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) message += static_cast<char>((value & 0x7F) | 0x80);
  message += static_cast<char>(value);
}

}  // namespace

bool each_protobuf_field(std::string_view message,
                         const std::function<void(const ProtobufField&)>& on_field) {
  for (std::string_view rest = message; !rest.empty();) {
    const auto key = take_varint(rest);
    if (!key) return false;
    ProtobufField field{.number = *key >> 3};
    const std::uint64_t type = *key & 7;
    std::optional<std::uint64_t> value;
    if (type == kVarint || type == kBytes) value = take_varint(rest);
    if (type == kFixed64) value = take_fixed(rest, 8);
    if (type == kFixed32) value = take_fixed(rest, 4);
    if (!value || field.number == 0) return false;
    if (type == kBytes) {
      if (*value > rest.size()) return false;
      field.is_bytes = true;
      field.bytes = rest.substr(0, static_cast<std::size_t>(*value));
      rest.remove_prefix(field.bytes.size());
    } else {
      field.scalar = *value;
    }
    on_field(field);
  }
  return true;
}

void append_protobuf_varint(std::string& message, std::uint64_t number, std::uint64_t value) {
  append_varint(message, number << 3 | kVarint);
  append_varint(message, value);
}

void append_protobuf_float(std::string& message, std::uint64_t number, float value) {
  append_varint(message, number << 3 | kFixed32);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (unsigned shift = 0; shift < 32; shift += 8)
    message += static_cast<char>((bits >> shift) & 0xFF);
}

void append_protobuf_bytes(std::string& message, std::uint64_t number, std::string_view bytes) {
  append_varint(message, number << 3 | kBytes);
  append_varint(message, bytes.size());
  message += bytes;
}

}  // namespace velatura::tokenizer
