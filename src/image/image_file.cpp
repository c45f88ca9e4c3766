#include <algorithm>
#include <string>
#include <utility>

#include "core/atomic_file.h"
#include "core/read_file.h"
#include "core/text.h"
#include "image/formats.h"
#include "image/picture_kind.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura {
namespace {

Samples decode(ByteView bytes, const std::string& where, Observer* observer) {
  Observer silent;
  return recognise_picture(bytes, where).decode(bytes, where, observer ? *observer : silent);
}

void check(const Image& image) {
  const auto wanted = static_cast<std::size_t>(std::max(image.width, 0)) *
                      static_cast<std::size_t>(std::max(image.height, 0)) * 3;
  if (wanted == 0 || wanted != image.pixels.size()) {
    throw OutputError("a picture of " + std::to_string(image.width) + " x " +
                      std::to_string(image.height) + " pixels with " +
                      std::to_string(image.pixels.size()) + " bytes cannot be written");
  }
}

}  // namespace

ImageFormat image_format(const std::filesystem::path& path) {
  const std::string extension = in_lower_case(path.extension().string());
  if (extension == ".png") return ImageFormat::png;
  if (extension == ".jpg" || extension == ".jpeg") return ImageFormat::jpeg;
  if (extension == ".webp") return ImageFormat::webp;
  throw UsageError(path.string() + ": expected a name that ends in .png, .jpg, .jpeg or .webp");
}

std::vector<std::byte> encode_image(const Image& image, ImageFormat format,
                                    const Metadata& metadata) {
  check(image);
  switch (format) {
    case ImageFormat::png:
      return encode_png(image, metadata);
    case ImageFormat::jpeg:
      return encode_jpeg(image, metadata);
    case ImageFormat::webp:
      return encode_webp(image, metadata);
  }
  throw Error(ErrorKind::internal, "an image format that does not exist");
}

void write_image(const std::filesystem::path& path, const Image& image, const Metadata& metadata) {
  write_file_atomically(path, encode_image(image, image_format(path), metadata));
}

void write_gray_image(const std::filesystem::path& path, const GrayImage& image) {
  if (image_format(path) != ImageFormat::png) {
    throw UsageError(path.string() + ": 16 bits of grey are written as PNG only");
  }
  write_file_atomically(path, encode_gray_png(image));
}

Image read_image(const std::filesystem::path& path, Observer* observer) {
  return decode_image(as_byte_view(read_file(path, kLargestFile)), path.string(), observer);
}

Image decode_image(std::span<const std::byte> bytes, const std::string& where, Observer* observer) {
  Samples samples = decode(bytes, where, observer);
  if (observer != nullptr && is_see_through(samples)) {
    observer->on_warning(where + ": what is transparent in it is laid on white");
  }
  return to_image(std::move(samples));
}

GrayImage read_gray_image(const std::filesystem::path& path, Observer* observer) {
  return decode_gray_image(as_byte_view(read_file(path, kLargestFile)), path.string(), observer);
}

GrayImage decode_gray_image(std::span<const std::byte> bytes, const std::string& where,
                            Observer* observer) {
  return to_gray_image(decode(bytes, where, observer));
}

}  // namespace velatura
