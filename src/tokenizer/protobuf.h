#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace velatura::tokenizer {

/// One field of a protobuf message as it is on the wire.
struct ProtobufField {
  std::uint64_t number = 0;
  std::uint64_t scalar = 0;     ///< of varints and fixed-width fields: their bits
  std::string_view bytes = {};  ///< of strings and messages
  bool is_bytes = false;
};

/// Calls `on_field` for each field of a message, in order. @return false if it is cut short or damaged
bool each_protobuf_field(std::string_view message,
                         const std::function<void(const ProtobufField&)>& on_field);

/// Appends a field to a message.
void append_protobuf_varint(std::string& message, std::uint64_t number, std::uint64_t value);
void append_protobuf_float(std::string& message, std::uint64_t number, float value);
void append_protobuf_bytes(std::string& message, std::uint64_t number, std::string_view bytes);

}  // namespace velatura::tokenizer
