#include "terminal/base64.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace velatura::terminal {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t begin = 0; begin < bytes.size(); begin += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - begin);
    std::uint32_t bits = 0;  // 24 of them: four digits
    for (std::size_t i = 0; i < count; ++i) {
      bits |= std::to_integer<std::uint32_t>(bytes[begin + i]) << (16 - 8 * i);
    }
    for (std::size_t digit = 0; digit < 4; ++digit) {
      text += digit <= count ? kDigits[bits >> (18 - 6 * digit) & 63] : '=';
    }
  }
  return text;
}

}  // namespace velatura::terminal
