#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "image/exif.h"
#include "image/formats.h"
#include "image/png_chunks.h"
#include "velatura/error.h"

namespace velatura {
namespace {

// Whether the last of the chunks that hold the pixels is there as a whole.
bool has_all_data(ByteView bytes) {
  ByteReader reader(bytes.subspan(kPngSignature.size()), "");
  bool ended = false;
  while (reader.left() >= 8) {
    const std::size_t size = reader.big_endian(4);
    const bool holds_pixels = as_text(reader.take(4)) == "IDAT";
    if (ended && !holds_pixels) return true;
    if (size > reader.left()) return false;
    reader.take(size);
    ended = holds_pixels;
    if (reader.left() < 4) return ended;
    reader.take(4);  // checksum
  }
  return ended;
}

/// Something is wrong with the pixels' data, or behind them in the same stream.
struct DataError : InputError {
  using InputError::InputError;
};

/// A file libpng reads. Its errors jump back into attempt(), over C frames only. What is wrong
/// behind the pixels, and a wrong checksum of the chunks that they are in, is kept as a warning.
class PngFile {
 public:
  /// @param is_strict  about what does not keep the pixels from being read: a wrong checksum of
  ///                   theirs, data behind them
  PngFile(ByteView bytes, const std::string& where, bool is_strict)
      : bytes_(bytes), left_(bytes), where_(where), is_strict_(is_strict) {}
  ~PngFile() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngFile(const PngFile&) = delete;
  PngFile& operator=(const PngFile&) = delete;

  Samples decode(Observer& observer) {
    attempt([this] { open(); });
    const auto width = png_get_image_width(png_, info_), height = png_get_image_height(png_, info_);
    make_samples(width, height, 1, 8, where_);  // the limits, before libpng allocates its rows
    int passes = 1;
    attempt([&] {
      passes = png_set_interlace_handling(png_);
      png_set_expand(png_);
      png_read_update_info(png_, info_);
    });
    Samples samples = make_samples(width, height, png_get_channels(png_, info_),
                                   png_get_bit_depth(png_, info_), where_);
    const std::size_t row_size = samples.bytes.size() / height;
    attempt([&] {
      for (int pass = 0; pass < passes; ++pass) {
        for (std::size_t y = 0; y < height; ++y) {
          png_read_row(png_, samples.bytes.data() + y * row_size, nullptr);
        }
      }
    });
    read_end();
    if (warning_[0] != '\0') {
      observer.on_warning(where_ + ": the PNG is read all the same: " + warning_.data());
    } else if (!left_.empty()) {
      observer.on_warning(where_ + ": the PNG is followed by " + std::to_string(left_.size()) +
                          " bytes that are not part of it");
    }
    return oriented(std::move(samples), orientation());
  }

 private:
  [[noreturn]] void refuse() const {
    if (is_strict_ && std::string_view(message_.data()).starts_with("IDAT")) {
      throw DataError(message_.data());
    }
    throw InputError(where_ + ": the PNG cannot be decoded: " + message_.data());
  }

  // `step` holds nothing with a destructor: it is left by longjmp.
  template <typename Step>
  void attempt(Step step) {
    if (setjmp(jump_) != 0) refuse();
    step();
  }

  // The pixels are there.
  void read_end() {
    if (setjmp(jump_) == 0) return png_read_end(png_, info_);
    if (std::string_view(message_.data()).starts_with("IDAT") || !has_all_data(bytes_)) refuse();
    left_ = {};
    warning_ = message_;
  }

  void open() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, warn);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) give_up("libpng could not be started");
    png_set_read_fn(png_, this, read);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_crc_action(png_, PNG_CRC_WARN_USE, PNG_CRC_ERROR_QUIT);
    png_set_benign_errors(png_, is_strict_ ? 0 : 1);
    if (!is_strict_) png_set_option(png_, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_ALWAYS, kExif.data(), 1);
    png_read_info(png_, info_);
  }

  int orientation() const {
    png_unknown_chunkp chunks = nullptr;
    const int count = png_get_unknown_chunks(png_, info_, &chunks);
    if (count == 0) return 1;  // eXIf is the only kind kept
    return read_orientation(std::as_bytes(std::span(chunks[0].data, chunks[0].size)));
  }

  static void read(png_structp png, png_bytep out, png_size_t size) {
    auto& file = *static_cast<PngFile*>(png_get_io_ptr(png));
    if (size > file.left_.size()) png_error(png, "it ends too early");
    std::memcpy(out, file.left_.data(), size);
    file.left_ = file.left_.subspan(size);
  }

  // Of the warnings only those of critical chunks' checksums are there (see open()) and matter.
  static void warn(png_structp png, png_const_charp message) {
    const std::string_view text = message;
    if (!text.ends_with("CRC error")) return;
    if (!text.starts_with("IDAT") && !text.starts_with("IEND")) fail(png, message);
    auto& warning = static_cast<PngFile*>(png_get_error_ptr(png))->warning_;
    std::snprintf(warning.data(), warning.size(), "%s", message);
  }

  [[noreturn]] static void fail(png_structp png, png_const_charp message) {
    static_cast<PngFile*>(png_get_error_ptr(png))->give_up(message);
  }

  [[noreturn]] void give_up(const char* message) {
    std::snprintf(message_.data(), message_.size(), "%s", message);
    std::longjmp(jump_, 1);
  }

  static constexpr std::array<png_byte, 5> kExif = {'e', 'X', 'I', 'f', 0};

  ByteView bytes_, left_;
  const std::string& where_;
  bool is_strict_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_{};
  std::array<char, 200> message_{}, warning_{};
};

}  // namespace

Samples decode_png(ByteView bytes, const std::string& where, Observer& observer) {
  try {
    return PngFile(bytes, where, /*is_strict=*/true).decode(observer);
  } catch (const DataError& error) {
    Observer silent;
    Samples samples = PngFile(bytes, where, /*is_strict=*/false).decode(silent);
    observer.on_warning(where + ": the PNG is read all the same: " + error.what());
    return samples;
  }
}

}  // namespace velatura
