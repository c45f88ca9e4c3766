#include <cstdio>
// jpeglib.h takes FILE from it.
#include <jerror.h>
#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <utility>

#include "image/exif.h"
#include "image/formats.h"
#include "velatura/error.h"

namespace velatura {
namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr int kMostScans = 500;  // a progressive picture has about ten

/// A file libjpeg reads. Its errors jump back into attempt(), over C frames only; the first of its
/// warnings is kept.
class JpegFile {
 public:
  JpegFile(ByteView bytes, const std::string& where) : bytes_(bytes), where_(where) {}
  ~JpegFile() { jpeg_destroy_decompress(&jpeg_); }
  JpegFile(const JpegFile&) = delete;
  JpegFile& operator=(const JpegFile&) = delete;

  Samples decode(Observer& observer) {
    attempt([this] { open(); });
    const int channels = check_colours();
    Samples samples = make_samples(jpeg_.image_width, jpeg_.image_height, channels, 8, where_);
    const std::size_t row_size = samples.bytes.size() / jpeg_.image_height;
    attempt([&] {
      jpeg_.out_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
      jpeg_start_decompress(&jpeg_);
      while (jpeg_.output_scanline < jpeg_.output_height) {
        JSAMPROW row = samples.bytes.data() + jpeg_.output_scanline * row_size;
        jpeg_read_scanlines(&jpeg_, &row, 1);
      }
      jpeg_finish_decompress(&jpeg_);
    });
    if (warning_[0] != '\0') {
      observer.on_warning(where_ + ": the JPEG is read all the same: " + warning_.data());
    }
    if (channels == 4) rgb_from_cmyk(samples, /*inverted=*/true);
    return oriented(std::move(samples), orientation_);
  }

 private:
  // `step` holds nothing with a destructor: it is left by longjmp.
  template <typename Step>
  void attempt(Step step) {
    if (setjmp(jump_) != 0) {
      throw InputError(where_ + ": the JPEG cannot be decoded: " + message_.data());
    }
    step();
  }

  void open() {
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = fail;
    errors_.emit_message = [](j_common_ptr jpeg, int level) {
      if (level < 0) warn(jpeg);
    };
    jpeg_.client_data = this;
    jpeg_create_decompress(&jpeg_);
    progress_.progress_monitor = limit_scans;
    jpeg_.progress = &progress_;
    jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_save_markers(&jpeg_, kExifMarker, 0xFFFF);
    jpeg_read_header(&jpeg_, TRUE);
    for (auto* marker = jpeg_.marker_list; marker != nullptr; marker = marker->next) {
      const auto data = std::as_bytes(std::span(marker->data, marker->data_length));
      if (as_text(data).starts_with("Exif")) orientation_ = read_orientation(data);
    }
  }

  int check_colours() const {
    switch (jpeg_.jpeg_color_space) {
      case JCS_GRAYSCALE:
        return 1;
      case JCS_YCbCr:
      case JCS_RGB:
        return 3;
      case JCS_CMYK:
      case JCS_YCCK:
        return 4;
      default:
        throw InputError(where_ + ": a JPEG with " + std::to_string(jpeg_.num_components) +
                         " channels of unknown meaning, expected grey, RGB or CMYK");
    }
  }

  static void limit_scans(j_common_ptr jpeg) {
    if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMostScans) {
      static_cast<JpegFile*>(jpeg->client_data)->give_up("it has too many scans");
    }
  }

  [[noreturn]] static void fail(j_common_ptr jpeg) {
    std::array<char, JMSG_LENGTH_MAX> message{};
    jpeg->err->format_message(jpeg, message.data());
    static_cast<JpegFile*>(jpeg->client_data)->give_up(message.data());
  }

  // A file that ends too early is none that can be read.
  static void warn(j_common_ptr jpeg) {
    if (jpeg->err->msg_code == JWRN_JPEG_EOF) fail(jpeg);
    auto& warning = static_cast<JpegFile*>(jpeg->client_data)->warning_;
    if (warning[0] == '\0') jpeg->err->format_message(jpeg, warning.data());
  }

  [[noreturn]] void give_up(const char* message) {
    std::snprintf(message_.data(), message_.size(), "%s", message);
    std::longjmp(jump_, 1);
  }

  ByteView bytes_;
  const std::string& where_;
  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  int orientation_ = 1;
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{}, warning_{};
};

}  // namespace

Samples decode_jpeg(ByteView bytes, const std::string& where, Observer& observer) {
  return JpegFile(bytes, where).decode(observer);
}

}  // namespace velatura
