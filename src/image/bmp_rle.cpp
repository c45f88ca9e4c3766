#include "image/bmp_rle.h"

#include <algorithm>
#include <utility>

namespace velatura {
namespace {

constexpr std::uint32_t kEndOfLine = 0, kEndOfPicture = 1, kDelta = 2;

/// Takes numbers in the order in which they are stored.
class Rows {
 public:
  Rows(std::size_t width, std::size_t height) : width_(width), numbers_(width * height) {}

  bool full() const { return at_ >= numbers_.size(); }
  std::size_t left_in_row() const { return width_ - at_ % width_; }

  void put(std::byte number) {
    if (!full()) numbers_[at_++] = number;
  }
  void skip(std::size_t count) { at_ += std::min(count, numbers_.size() - at_); }

  // Nothing where the row has just been filled.
  void end_line() {
    if (at_ % width_ != 0) skip(left_in_row());
  }

  std::size_t width() const { return width_; }
  Bytes take() { return std::move(numbers_); }

 private:
  std::size_t width_;
  std::size_t at_ = 0;
  Bytes numbers_;
};

std::byte half_of(std::byte pair, std::size_t which) {
  return which % 2 == 0 ? pair >> 4u : pair & std::byte{0x0F};
}

}  // namespace

Bytes expand_bmp_rle(ByteReader packed, std::uint32_t width, std::uint32_t height, int bits) {
  Rows rows(width, height);
  bool row_is_full = false;
  while (!rows.full()) {
    const std::uint32_t count = packed.big_endian(1);
    const std::byte value = packed.take(1)[0];
    const auto code = std::to_integer<std::uint32_t>(value);
    if (count > 0) {
      const std::size_t room = row_is_full ? 0 : rows.left_in_row();
      for (std::size_t i = 0; i < std::min<std::size_t>(count, room); ++i) {
        rows.put(bits == 4 ? half_of(value, i) : value);
      }
      row_is_full = count >= room;
    } else if (code == kEndOfPicture) {
      packed.fail("ends too early");
    } else if (code == kEndOfLine) {
      rows.end_line();
      row_is_full = false;
    } else if (code == kDelta) {
      const std::uint32_t right = packed.big_endian(1), up = packed.big_endian(1);
      rows.skip(right + up * rows.width());
      row_is_full = false;
    } else {
      const std::size_t size = bits == 4 ? (code + 1) / 2 : code;
      const ByteView numbers = packed.take(size);
      for (std::size_t i = 0; i < code; ++i) {
        rows.put(bits == 4 ? half_of(numbers[i / 2], i) : numbers[i]);
      }
      packed.take(std::min(size % 2, packed.left()));  // to a whole word
      row_is_full = false;
    }
  }
  return rows.take();
}

}  // namespace velatura
