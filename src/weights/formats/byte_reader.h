#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "velatura/error.h"

namespace velatura::weights {

/// Takes little-endian numbers and runs of bytes off the front of a span, never beyond its end.
class ByteReader {
 public:
  /// @param where  what is read, for messages
  ByteReader(std::span<const std::byte> bytes, const std::string& where)
      : bytes_(bytes), where_(where) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

  /// @throws InputError if fewer bytes are left, whatever `count` is
  std::span<const std::byte> take(std::uint64_t count) {
    if (count > remaining()) {
      throw InputError(where_ + ": " + std::to_string(count) + " bytes are wanted at byte " +
                       std::to_string(position_) + ", but only " + std::to_string(remaining()) +
                       " are left (is the file cut off?)");
    }
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }

  std::string_view text(std::uint64_t count) {
    const auto taken = take(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  template <std::unsigned_integral Number>
  Number number() {
    std::uint64_t value = 0;
    const auto taken = take(sizeof(Number));
    for (std::size_t i = taken.size(); i-- > 0;) {
      value = value << 8 | std::to_integer<std::uint64_t>(taken[i]);
    }
    return static_cast<Number>(value);
  }

 private:
  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::size_t position_ = 0;
};

}  // namespace velatura::weights
