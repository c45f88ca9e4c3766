#include "image/decode.h"

#include <webp/decode.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace velatura {

Image decode_image(ByteView bytes) {
  Image image;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const bool webp = as_text(bytes).starts_with("RIFF");
  int channels = 3;
  std::uint8_t* pixels = webp ? WebPDecodeRGB(data, bytes.size(), &image.width, &image.height)
                              : stbi_load_from_memory(data, static_cast<int>(bytes.size()),
                                                      &image.width, &image.height, &channels, 3);
  if (!pixels || channels != 3) throw std::runtime_error("the picture does not decode");
  image.pixels.assign(pixels, pixels + std::size_t{3} * static_cast<std::size_t>(image.width) *
                                           static_cast<std::size_t>(image.height));
  webp ? WebPFree(pixels) : stbi_image_free(pixels);
  return image;
}

GrayImage decode_gray_image(ByteView bytes) {
  GrayImage image;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const auto size = static_cast<int>(bytes.size());
  int channels = 0;
  if (stbi_is_16_bit_from_memory(data, size) == 0) throw std::runtime_error("not 16 bits");
  std::uint16_t* values =
      stbi_load_16_from_memory(data, size, &image.width, &image.height, &channels, 1);
  if (!values || channels != 1) throw std::runtime_error("the picture does not decode");
  image.values.assign(values, values + std::size_t{1} * static_cast<std::size_t>(image.width) *
                                           static_cast<std::size_t>(image.height));
  stbi_image_free(values);
  return image;
}

Image gradient(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.push_back(static_cast<std::uint8_t>(255 * x / std::max(width - 1, 1)));
      image.pixels.push_back(static_cast<std::uint8_t>(255 * y / std::max(height - 1, 1)));
      image.pixels.push_back(
          static_cast<std::uint8_t>(255 * (x + y) / std::max(width + height - 2, 1)));
    }
  }
  return image;
}

int largest_difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.pixels.size() != b.pixels.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
  }
  return largest;
}

}  // namespace velatura
