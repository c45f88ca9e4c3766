#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "image/formats.h"
#include "velatura/error.h"

namespace velatura {
namespace {

/// A file giflib reads, as far as the end of its first picture.
class GifFile {
 public:
  GifFile(ByteView bytes, const std::string& where) : left_(bytes), where_(where) {
    int error = 0;
    gif_ = DGifOpen(this, read, &error);
    if (gif_ == nullptr) refuse(error);
  }
  ~GifFile() { DGifCloseFile(gif_, nullptr); }
  GifFile(const GifFile&) = delete;
  GifFile& operator=(const GifFile&) = delete;

  // Where the first picture leaves the screen free, what is there is transparent if the picture has
  // a transparent colour, else of its first colour; a screen too small grows, as in Pillow.
  Samples decode(Observer& observer) {
    if (!goes_to_picture()) throw InputError(where_ + ": the GIF has no picture in it");
    check(DGifGetImageDesc(gif_));
    const GifImageDesc& frame = gif_->Image;
    const auto width = static_cast<std::uint32_t>(std::max(gif_->SWidth, frame.Left + frame.Width));
    const auto height =
        static_cast<std::uint32_t>(std::max(gif_->SHeight, frame.Top + frame.Height));
    Samples samples = make_samples(width, height, transparent_ ? 4 : 3, 8, where_);
    std::vector<GifPixelType> indices(std::size_t{width} * height,
                                      static_cast<GifPixelType>(transparent_.value_or(0)));
    for (const int row : rows_of(frame)) {
      const auto at = static_cast<std::size_t>(frame.Top + row) * width;
      check(DGifGetLine(gif_, indices.data() + at + static_cast<std::size_t>(frame.Left),
                        frame.Width));
    }
    colour(indices, samples);
    if (has_another()) warn_of_others(where_, observer);
    return samples;
  }

 private:
  [[noreturn]] void refuse(int error) const {
    const char* reason = GifErrorString(error);
    const bool ended = left_.empty();
    throw InputError(where_ + ": the GIF cannot be decoded: " +
                     (ended               ? "it ends too early"
                      : reason != nullptr ? reason
                                          : "its data are damaged"));
  }

  void check(int result) const {
    if (result == GIF_ERROR) refuse(gif_->Error);
  }

  static int read(GifFileType* gif, GifByteType* out, int size) {
    auto& left = static_cast<GifFile*>(gif->UserData)->left_;
    const std::size_t count = std::min(left.size(), static_cast<std::size_t>(size));
    std::memcpy(out, left.data(), count);
    left = left.subspan(count);
    return static_cast<int>(count);
  }

  // Reads what stands before it; false if the file ends there.
  bool goes_to_picture() {
    for (;;) {
      GifRecordType record{};
      check(DGifGetRecordType(gif_, &record));
      if (record == IMAGE_DESC_RECORD_TYPE) return true;
      if (record == TERMINATE_RECORD_TYPE) return false;
      if (record == EXTENSION_RECORD_TYPE) read_extension();
    }
  }

  void read_extension() {
    int kind = 0;
    GifByteType* block = nullptr;  // its length, then its bytes
    check(DGifGetExtension(gif_, &kind, &block));
    while (block != nullptr) {
      GraphicsControlBlock control{};
      if (kind == GRAPHICS_EXT_FUNC_CODE &&
          DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK &&
          control.TransparentColor != NO_TRANSPARENT_COLOR) {
        transparent_ = control.TransparentColor;
      }
      check(DGifGetExtensionNext(gif_, &block));
    }
  }

  // A damaged end is that of a picture that nobody asked for.
  bool has_another() {
    try {
      return goes_to_picture();
    } catch (const InputError&) {
      return false;
    }
  }

  // In the order in which they are stored.
  static std::vector<int> rows_of(const GifImageDesc& frame) {
    constexpr std::array<std::pair<int, int>, 4> kPasses{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    std::vector<int> rows;
    for (const auto& [first, step] : kPasses) {
      for (int row = frame.Interlace ? first : 0; row < frame.Height;
           row += frame.Interlace ? step : 1) {
        rows.push_back(row);
      }
      if (!frame.Interlace) break;
    }
    return rows;
  }

  // Without a table the numbers are grey; those beyond it are black.
  void colour(const std::vector<GifPixelType>& indices, Samples& samples) const {
    const ColorMapObject* table = gif_->Image.ColorMap ? gif_->Image.ColorMap : gif_->SColorMap;
    auto out = samples.bytes.begin();
    for (const GifPixelType index : indices) {
      GifColorType colour{};
      if (table == nullptr) {
        colour = {index, index, index};
      } else if (index < table->ColorCount) {
        colour = table->Colors[index];
      }
      *out++ = colour.Red;
      *out++ = colour.Green;
      *out++ = colour.Blue;
      if (samples.channels == 4) *out++ = index == transparent_ ? 0 : 255;
    }
  }

  ByteView left_;
  const std::string& where_;
  GifFileType* gif_ = nullptr;
  std::optional<int> transparent_;
};

}  // namespace

Samples decode_gif(ByteView bytes, const std::string& where, Observer& observer) {
  return GifFile(bytes, where).decode(observer);
}

}  // namespace velatura
