// Resizing and blurring against Pillow, byte for byte, as recorded by
// scripts/fixtures/make_image_fixtures.py.
#include <gmock/gmock.h>
#include <libdeflate.h>

#include <map>
#include <string>

#include "image/fixtures.h"
#include "image/gaussian_blur.h"
#include "image/resize.h"

namespace velatura {
namespace {

const Fixtures& resampled() {
  static const Fixtures all("resampled");
  return all;
}

Raster source(const nlohmann::json& one) {
  return noise(one.at("from").at(0), one.at("from").at(1), one.at("channels"));
}

void expect_equal(const Raster& found, const nlohmann::json& one) {
  if (one.contains("crc32")) {
    EXPECT_EQ(libdeflate_crc32(0, found.pixels.data(), found.pixels.size()), one.at("crc32"))
        << one;
    return;
  }
  const std::string_view expected = resampled().bytes(one.at("pixels"), found.pixels.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(found.pixels[i], static_cast<std::uint8_t>(expected[i]))
        << "at byte " << i << ", " << one;
  }
}

TEST(Resize, EqualsPillow) {
  const std::map<std::string, Filter> filters = {{"nearest", Filter::nearest},
                                                 {"bilinear", Filter::bilinear},
                                                 {"bicubic", Filter::bicubic},
                                                 {"lanczos", Filter::lanczos},
                                                 {"bicubic of boxes", Filter::bicubic_of_boxes}};
  int compared = 0;
  for (const auto& one : resampled().cases) {
    if (!one.contains("filter")) continue;
    const int width = one.at("to").at(0), height = one.at("to").at(1);
    const Raster found = resize(source(one), width, height, filters.at(one.at("filter")));
    ASSERT_EQ(found.width, width);
    ASSERT_EQ(found.height, height);
    ASSERT_EQ(found.pixels.size(), found.row_size() * static_cast<std::size_t>(height));
    expect_equal(found, one);
    ++compared;
  }
  EXPECT_GE(compared, 240);
}

TEST(Resize, TreatsEachChannelAlike) {
  const Raster one = noise(19, 14, 1), grown = resize(one, 25, 9, Filter::lanczos);
  for (const int channels : {2, 4, 5}) {
    Raster many = make_raster(19, 14, channels);
    for (std::size_t i = 0; i < many.pixels.size(); ++i) {
      many.pixels[i] = one.pixels[i / static_cast<std::size_t>(channels)];
    }
    const Raster found = resize(many, 25, 9, Filter::lanczos);
    ASSERT_EQ(found.pixels.size(), grown.pixels.size() * static_cast<std::size_t>(channels));
    for (std::size_t i = 0; i < found.pixels.size(); ++i) {
      ASSERT_EQ(found.pixels[i], grown.pixels[i / static_cast<std::size_t>(channels)]) << i;
    }
  }
}

TEST(GaussianBlur, EqualsPillow) {
  int compared = 0;
  for (const auto& one : resampled().cases) {
    if (!one.contains("radius")) continue;
    expect_equal(gaussian_blur(source(one), one.at("radius")), one);
    ++compared;
  }
  EXPECT_GE(compared, 50);
}

}  // namespace
}  // namespace velatura
