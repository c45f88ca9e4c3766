// Edges against OpenCV, byte for byte, as recorded by scripts/fixtures/make_canny_fixtures.py.
#include "image/canny.h"

#include <gmock/gmock.h>
#include <libdeflate.h>

#include <algorithm>

#include "image/fixtures.h"
#include "image/resize.h"

namespace velatura {
namespace {

TEST(Canny, EqualsOpenCv) {
  std::size_t cases = 0, with_edges = 0;
  for (const auto& one : fixture_json("canny")) {
    Raster picture = noise(one.at("from").at(0), one.at("from").at(1), one.at("channels"));
    if (one.contains("to")) {
      picture = resize(picture, one["to"][0], one["to"][1], Filter::lanczos);
    }
    const Raster edges = canny(picture, one.at("low"), one.at("high"));
    EXPECT_EQ(std::ranges::count(edges.pixels, 255), one.at("edges").get<int>()) << one;
    EXPECT_EQ(libdeflate_crc32(0, edges.pixels.data(), edges.pixels.size()), one.at("crc32"))
        << one;
    ++cases;
    if (one.at("edges") > 0) ++with_edges;
  }
  EXPECT_EQ(cases, 60u);
  EXPECT_GT(with_edges, 40u);
}

TEST(Canny, OnePixelHasNoEdge) {
  EXPECT_EQ(canny(noise(1, 1, 3), 0, 0).pixels, std::vector<std::uint8_t>{0});
}

}  // namespace
}  // namespace velatura
