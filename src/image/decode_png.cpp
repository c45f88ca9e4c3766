#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <utility>

#include "image/exif.h"
#include "image/formats.h"
#include "velatura/error.h"

namespace velatura {
namespace {

/// A file libpng reads. Its errors jump back into attempt(), over C frames only.
class PngFile {
 public:
  PngFile(ByteView bytes, const std::string& where) : left_(bytes), where_(where) {}
  ~PngFile() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngFile(const PngFile&) = delete;
  PngFile& operator=(const PngFile&) = delete;

  Samples decode() {
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
      png_read_end(png_, info_);
    });
    if (!left_.empty()) {
      throw InputError(where_ + ": the PNG is followed by " + std::to_string(left_.size()) +
                       " bytes that are not part of it");
    }
    return oriented(std::move(samples), orientation());
  }

 private:
  // `step` holds nothing with a destructor: it is left by longjmp.
  template <typename Step>
  void attempt(Step step) {
    if (setjmp(jump_) != 0) {
      throw InputError(where_ + ": the PNG cannot be decoded: " + message_.data());
    }
    step();
  }

  void open() {
    const auto ignore = [](png_structp, png_const_charp) {};
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, ignore);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) give_up("libpng could not be started");
    png_set_read_fn(png_, this, read);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_benign_errors(png_, 0);
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

  [[noreturn]] static void fail(png_structp png, png_const_charp message) {
    static_cast<PngFile*>(png_get_error_ptr(png))->give_up(message);
  }

  [[noreturn]] void give_up(const char* message) {
    std::snprintf(message_.data(), message_.size(), "%s", message);
    std::longjmp(jump_, 1);
  }

  static constexpr std::array<png_byte, 5> kExif = {'e', 'X', 'I', 'f', 0};

  ByteView left_;
  const std::string& where_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf jump_{};
  std::array<char, 200> message_{};
};

}  // namespace

Samples decode_png(ByteView bytes, const std::string& where) {
  return PngFile(bytes, where).decode();
}

}  // namespace velatura
