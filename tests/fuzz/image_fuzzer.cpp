#include "fuzz/fuzzer.h"
#include "image/read_metadata.h"
#include "velatura/image.h"

using namespace velatura;

void fuzz(testing::Input input) {
  testing::accepts_or_refuses([&] {
    const Image image = decode_image(input.bytes, "fuzz");
    if (image.pixels.size() != std::size_t{3} * image.width * image.height) std::abort();
  });
  testing::accepts_or_refuses([&] {
    const GrayImage image = decode_gray_image(input.bytes, "fuzz");
    if (image.values.size() != std::size_t{1} * image.width * image.height) std::abort();
  });
  testing::accepts_or_refuses([&] { read_metadata(input.bytes, "fuzz"); });
}
