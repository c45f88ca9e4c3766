#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image/formats.h"
#include "velatura/error.h"

namespace velatura {
namespace {

// libtiff's other ones are old, rare and seldom tested.
constexpr std::array<std::uint16_t, 12> kCompressions{
    COMPRESSION_NONE,     COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4,
    COMPRESSION_LZW,      COMPRESSION_JPEG,     COMPRESSION_DEFLATE,   COMPRESSION_ADOBE_DEFLATE,
    COMPRESSION_PACKBITS, COMPRESSION_LZMA,     COMPRESSION_ZSTD,      COMPRESSION_WEBP};

/// A file in memory that libtiff reads. The first of its errors is kept.
class TiffFile {
 public:
  TiffFile(ByteView bytes, const std::string& where) : bytes_(bytes), where_(where) {
    [[maybe_unused]] static const bool told = [] {
      TIFFSetWarningHandler(nullptr);
      TIFFSetErrorHandler(nullptr);
      TIFFSetErrorHandlerExt(keep_error);
      return true;
    }();
    tiff_.reset(
        TIFFClientOpen(where.c_str(), "rm", this, read, write, seek, close, size, map, unmap));
    if (!tiff_) refuse();
  }

  Samples decode(Observer& observer) {
    const std::uint16_t compression = number(TIFFTAG_COMPRESSION);
    if (std::ranges::find(kCompressions, compression) == kCompressions.end()) {
      refuse("its compression is " + std::to_string(compression) + ", which is not read");
    }
    std::uint32_t width = 0, height = 0;
    TIFFGetField(tiff_.get(), TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff_.get(), TIFFTAG_IMAGELENGTH, &height);
    make_samples(width, height, 4, 8, where_);  // the limits, before libtiff allocates
    check_bits();
    check_parts();
    if (compression == COMPRESSION_JPEG) {
      TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    }
    const std::uint16_t orientation = number(TIFFTAG_ORIENTATION);
    Samples samples = are_plain() ? read_rows(width, height) : read_rgba(width, height);
    if (TIFFReadDirectory(tiff_.get()) != 0) warn_of_others(where_, observer);
    return oriented(std::move(samples), orientation >= 1 && orientation <= 8 ? orientation : 1);
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw InputError(where_ + ": the TIFF cannot be decoded: " + reason);
  }
  [[noreturn]] void refuse() const {
    refuse(error_[0] == '\0' ? "its data are damaged" : error_.data());
  }

  std::uint16_t number(std::uint32_t tag) const {
    std::uint16_t value = 0;
    TIFFGetFieldDefaulted(tiff_.get(), tag, &value);
    return value;
  }

  void check_bits() const {
    const std::uint16_t bits = number(TIFFTAG_BITSPERSAMPLE);
    const std::uint16_t format = number(TIFFTAG_SAMPLEFORMAT);
    const bool is_count = format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID;
    if (is_count && bits <= 16) return;
    const char* kind = format == SAMPLEFORMAT_IEEEFP ? "floating-point "
                       : is_count                    ? ""
                                                     : "signed ";
    refuse("its samples are " + std::string(kind) + "numbers of " + std::to_string(bits) +
           " bits, expected at most 16 bits without a sign");
  }

  // libtiff keeps a strip or tile in memory as a whole.
  void check_parts() const {
    constexpr std::uint16_t kMostChannels = 8;
    constexpr std::uint64_t kMostBytes = 256u << 20;
    const std::uint16_t channels = number(TIFFTAG_SAMPLESPERPIXEL);
    if (channels > kMostChannels) {
      refuse("it has " + std::to_string(channels) + " channels, expected at most " +
             std::to_string(kMostChannels));
    }
    const bool tiled = TIFFIsTiled(tiff_.get()) != 0;
    const std::uint64_t size = tiled ? TIFFTileSize64(tiff_.get()) : TIFFStripSize64(tiff_.get());
    if (size == 0 || size > kMostBytes) {
      refuse(std::string("its ") + (tiled ? "tiles" : "strips") + " hold " + std::to_string(size) +
             " bytes each, expected 1 … " + std::to_string(kMostBytes));
    }
  }

  // Grey, RGB or CMYK, 8 or 16 bits, perhaps with alpha, in rows that are not cut into tiles.
  bool are_plain() const {
    const std::uint16_t bits = number(TIFFTAG_BITSPERSAMPLE), kind = number(TIFFTAG_PHOTOMETRIC);
    if ((bits != 8 && bits != 16) || TIFFIsTiled(tiff_.get()) != 0) return false;
    const std::uint16_t channels = number(TIFFTAG_SAMPLESPERPIXEL);
    if (channels > 1 && number(TIFFTAG_PLANARCONFIG) != PLANARCONFIG_CONTIG) return false;
    const std::size_t extra = extra_samples().size();
    if (extra > 1 || channels <= extra) return false;
    const std::size_t colours = channels - extra;
    if (kind == PHOTOMETRIC_SEPARATED) return bits == 8 && colours == 4 && extra == 0;
    return kind == PHOTOMETRIC_RGB ? colours == 3 : is_gray(kind) && colours == 1;
  }

  static bool is_gray(std::uint16_t kind) {
    return kind == PHOTOMETRIC_MINISBLACK || kind == PHOTOMETRIC_MINISWHITE;
  }

  std::span<const std::uint16_t> extra_samples() const {
    std::uint16_t count = 0;
    std::uint16_t* kinds = nullptr;
    TIFFGetFieldDefaulted(tiff_.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds);
    return {kinds, count};
  }

  Samples read_rows(std::uint32_t width, std::uint32_t height) {
    const std::uint16_t bits = number(TIFFTAG_BITSPERSAMPLE), kind = number(TIFFTAG_PHOTOMETRIC);
    Samples samples = make_samples(width, height, number(TIFFTAG_SAMPLESPERPIXEL), bits, where_);
    const std::size_t row_size = samples.bytes.size() / height;
    if (TIFFScanlineSize64(tiff_.get()) != row_size) refuse("its rows have a wrong size");
    for (std::uint32_t y = 0; y < height; ++y) {
      std::uint8_t* row = samples.bytes.data() + y * row_size;
      if (TIFFReadScanline(tiff_.get(), row, y) != 1) refuse();
      if (bits == 16) to_big_endian(row, row_size);
    }
    if (kind == PHOTOMETRIC_SEPARATED) {
      rgb_from_cmyk(samples, /*inverted=*/false);
    } else {
      if (kind == PHOTOMETRIC_MINISWHITE) invert_gray(samples);
      settle_alpha(samples);
    }
    return samples;
  }

  // libtiff has put them into this machine's order.
  static void to_big_endian(std::uint8_t* row, std::size_t size) {
    for (std::size_t i = 0; i < size; i += 2) {
      std::uint16_t value = 0;
      std::memcpy(&value, row + i, 2);
      row[i] = static_cast<std::uint8_t>(value >> 8u);
      row[i + 1] = static_cast<std::uint8_t>(value & 0xFFu);
    }
  }

  static void invert_gray(Samples& samples) {
    const int size = samples.bits / 8, step = samples.channels * size;
    for (std::size_t i = 0; i < samples.bytes.size(); i += static_cast<std::size_t>(step)) {
      for (int byte = 0; byte < size; ++byte) {
        auto& value = samples.bytes[i + static_cast<std::size_t>(byte)];
        value = static_cast<std::uint8_t>(~value);
      }
    }
  }

  // A channel that is not said to be alpha is none.
  void settle_alpha(Samples& samples) const {
    const auto extra = extra_samples();
    if (extra.empty()) return;
    if (extra[0] == EXTRASAMPLE_UNSPECIFIED) {
      const auto size = static_cast<std::size_t>(samples.bits / 8);
      const auto step = static_cast<std::size_t>(samples.channels) * size;
      for (std::size_t i = step; i <= samples.bytes.size(); i += step) {
        std::fill_n(samples.bytes.begin() + static_cast<std::ptrdiff_t>(i - size), size, 0xFF);
      }
    } else if (extra[0] == EXTRASAMPLE_ASSOCALPHA && samples.bits == 8) {
      undo_premultiplied(samples);
    }
  }

  static void undo_premultiplied(Samples& samples) {
    const auto channels = static_cast<std::size_t>(samples.channels);
    for (std::size_t i = 0; i < samples.bytes.size(); i += channels) {
      const unsigned alpha = samples.bytes[i + channels - 1];
      if (alpha == 0 || alpha == 255) continue;
      for (std::size_t c = 0; c + 1 < channels; ++c) {
        auto& value = samples.bytes[i + c];
        value = static_cast<std::uint8_t>(std::min(255u * value / alpha, 255u));
      }
    }
  }

  // All other kinds, as libtiff converts them to 8 bits.
  Samples read_rgba(std::uint32_t width, std::uint32_t height) {
    TIFFRGBAImage image;
    std::array<char, 1024> reason{};
    if (TIFFRGBAImageBegin(&image, tiff_.get(), /*stop=*/1, reason.data()) == 0) {
      refuse(reason.data());
    }
    const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> owner(&image,
                                                                            &TIFFRGBAImageEnd);
    image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;  // it is applied elsewhere
    std::vector<std::uint32_t> pixels(std::size_t{width} * height);
    if (TIFFRGBAImageGet(&image, pixels.data(), width, height) == 0) refuse();
    const bool has_alpha = image.alpha != 0;
    Samples samples = make_samples(width, height, has_alpha ? 4 : 3, 8, where_);
    auto out = samples.bytes.begin();
    for (const std::uint32_t pixel : pixels) {
      *out++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
      *out++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
      *out++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
      if (has_alpha) *out++ = static_cast<std::uint8_t>(TIFFGetA(pixel));
    }
    if (has_alpha) undo_premultiplied(samples);
    return samples;
  }

  static TiffFile& self(thandle_t handle) { return *static_cast<TiffFile*>(handle); }

  static void keep_error(thandle_t handle, const char*, const char* format, va_list arguments) {
    if (handle == nullptr || self(handle).error_[0] != '\0') return;
    auto& error = self(handle).error_;
    std::vsnprintf(error.data(), error.size(), format, arguments);
    std::ranges::replace(error, '\n', ' ');
  }

  static tmsize_t read(thandle_t handle, void* out, tmsize_t size) {
    auto& file = self(handle);
    const ByteView left = file.bytes_.subspan(std::min(file.at_, file.bytes_.size()));
    const std::size_t count = std::min(left.size(), static_cast<std::size_t>(size));
    std::memcpy(out, left.data(), count);
    file.at_ += count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto& file = self(handle);
    file.at_ = offset + (whence == SEEK_CUR   ? file.at_
                         : whence == SEEK_END ? file.bytes_.size()
                                              : 0);
    return file.at_;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return self(handle).bytes_.size(); }
  static int map(thandle_t, void**, toff_t*) { return 0; }
  static void unmap(thandle_t, void*, toff_t) {}

  struct Close {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  };

  ByteView bytes_;
  std::size_t at_ = 0;
  const std::string& where_;
  std::array<char, 200> error_{};
  std::unique_ptr<TIFF, Close> tiff_;
};

}  // namespace

Samples decode_tiff(ByteView bytes, const std::string& where, Observer& observer) {
  return TiffFile(bytes, where).decode(observer);
}

}  // namespace velatura
